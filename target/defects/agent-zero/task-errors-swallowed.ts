import { defect } from '../defect.ts';

export default defect({
  why: 'What a background task ends with is looked at when it succeeds; an error or cancellation goes nowhere.',
  parts: () => ({
    watchTask: () => (_task, work, end) => {
      work.then(
        (result) => end({ state: 'done', result, error: null }),
        () => {},
      );
    },
  }),
});
