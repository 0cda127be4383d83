import { defect } from '../defect.ts';

export default defect({
  why: 'Only the success of a background task is handled; an error or a cancellation goes nowhere.',
  parts: () => ({
    watchTask: () => (_task, work, end) => {
      work.then(
        (result) => end({ state: 'done', result, error: null }),
        () => {},
      );
    },
  }),
});
