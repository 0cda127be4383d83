import { testPythonClient } from './python.test-helper.ts';

testPythonClient('openai_client.py');
