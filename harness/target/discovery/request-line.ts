/**
 * An operation in one line, as `--request` takes it:
 *
 *   GET /search?q=${title}
 *   POST /documents {"title":"${title}","text":"${document}"}
 *   POST /login user=me pass="a b"                 a form
 *   POST /upload file@notes.md lang=en             multipart, with a file
 *   PUT /raw Content-Type:text/csv @data.csv       the file as it is
 *   POST /orders Authorization:"Bearer x" {"n":1}  with a header
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import { METHODS } from '../config/build-operation.ts';
import type { FileConfig, OperationConfig } from '../config/config.ts';
import { unknownPlaceholders } from '../config/template.ts';
import { INPUT_PLACEHOLDERS } from '../operations/input.ts';
import { type Candidate, type FileText, nameFor } from './offered.ts';
import { badRequest, requestWords } from './request-words.ts';
import { secretsIn } from './secrets.ts';

const MAX_FILE_BYTES = 20_000_000;

interface Parts {
  headers: Record<string, string>;
  fields: Record<string, string>;
  files: Record<string, FileConfig>;
  raw: string | null;
}

/**
 * @param folder that files are relative to.
 * @throws HanglabError `bad-request` with what was expected.
 */
export function requestLine(line: string, folder: string): Candidate {
  const refuse = (why: string): never => {
    throw badRequest(line, why);
  };
  const { method: given, path, words, json } = requestWords(line);
  const method = METHODS.find((each) => each === given.toLowerCase());
  if (method === undefined) {
    return refuse(`${given} is not a method; expected ${METHODS.join(', ').toUpperCase()}`);
  }
  const texts: FileText[] = [];
  const parts = partsOf(words, (file) => {
    try {
      const text = readTextFile(resolve(folder, file));
      texts.push({ text, path: file });
      return text;
    } catch (error) {
      return refuse(messageOf(error));
    }
  });
  if (typeof parts === 'string') return refuse(parts);
  const body = bodyOf(parts, json);
  if (typeof body === 'string') return refuse(body);
  if (method === 'get' && Object.keys(body).length > 0) refuse('a GET has no body');
  const { headers } = parts;
  const config: OperationConfig = {
    [method]: path,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...body,
  };
  const [problem] = placeholderProblems([line, ...texts.map(({ text }) => text)]);
  if (problem !== undefined) refuse(problem);
  const secrets = secretsIn(config);
  return {
    name: nameFor(method, path),
    label: `${method.toUpperCase()} ${path}`,
    config,
    guesses: [],
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(texts.length === 0 ? {} : { files: texts }),
  };
}

/** The headers, fields and files of the words; a text says what is wrong. */
function partsOf(words: readonly string[], readFile: (path: string) => string): Parts | string {
  const parts: Parts = { headers: {}, fields: {}, files: {}, raw: null };
  for (const word of words) {
    const [, name = '', sign, value = ''] = /^([^:=@]*)([:=@])([\s\S]*)$/.exec(word) ?? [];
    if (sign === '@' && name === '') parts.raw = readFile(value);
    else if (sign === '@') parts.files[name] = fileOf(value, readFile);
    else if (sign === '=' && name !== '') parts.fields[name] = value;
    else if (sign === ':' && /^[\w-]+$/.test(name)) parts.headers[name] = value.trimStart();
    else return `"${word}" is not Header:value, field=value, field@file, @file or JSON`;
  }
  return parts;
}

function fileOf(path: string, readFile: (path: string) => string): FileConfig {
  if (path === '${document}') {
    return { text: path, filename: '${title}.md', type: 'text/markdown' };
  }
  const type = /\.(md|markdown)$/i.test(path)
    ? 'text/markdown'
    : /\.json$/i.test(path)
      ? 'application/json'
      : 'text/plain';
  return { text: readFile(path), filename: basename(path), type };
}

/** The one body; a text says what is wrong. */
function bodyOf(
  { fields, files, raw }: Parts,
  json: string | null,
): Pick<OperationConfig, 'json' | 'form' | 'multipart' | 'body'> | string {
  const hasFields = Object.keys(fields).length > 0;
  const hasFiles = Object.keys(files).length > 0;
  const kinds = [json !== null, hasFields || hasFiles, raw !== null].filter(Boolean).length;
  if (kinds > 1) return 'expected one body: JSON, fields and files, or one file as it is';
  if (json !== null) {
    try {
      return { json: JSON.parse(json) };
    } catch (error) {
      return `its body is not JSON: ${messageOf(error)}`;
    }
  }
  if (hasFiles) return { multipart: { ...fields, ...files } };
  if (hasFields) return { form: fields };
  return raw === null ? {} : { body: raw };
}

function placeholderProblems(texts: readonly string[]): string[] {
  return texts.flatMap((text) => unknownPlaceholders(text, INPUT_PLACEHOLDERS));
}

/** @throws Error that says why it is no text file. */
function readTextFile(path: string): string {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES) throw new Error(`${path} is larger than 20 MB`);
  const bytes = readFileSync(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path} is not text: hanglab sends text files only`);
  }
}
