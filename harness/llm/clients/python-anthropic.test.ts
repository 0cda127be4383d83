import { testPythonClient } from './python.test-helper.ts';

testPythonClient('anthropic_client.py');
