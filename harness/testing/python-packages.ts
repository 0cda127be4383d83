/** What the tests' Python servers need, in one environment for all of them. */
export const SERVER_PACKAGES = [
  'fastapi==0.165.0',
  'uvicorn==0.54.0',
  'openai==3.57.0',
  'gunicorn==23.0.0',
] as const;
