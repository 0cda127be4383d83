import { testPythonClient } from './python.test-helper.ts';

testPythonClient('llama_index_client.py');
