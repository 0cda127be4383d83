/** Long tests run where there is time for them: `npm run test:long`. */
export const isLong = process.env.HANGLAB_LONG === '1';
