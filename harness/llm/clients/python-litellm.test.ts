import { testPythonClient } from './python.test-helper.ts';

testPythonClient('litellm_client.py');
