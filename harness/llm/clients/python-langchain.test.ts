import { testPythonClient } from './python.test-helper.ts';

testPythonClient('langchain_client.py');
