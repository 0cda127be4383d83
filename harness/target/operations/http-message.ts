/** Requests and answers as operations speak them: plain values, so that they can be shown and tested. */

export interface HttpRequest {
  method: string;
  /** Below the target's root, with its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: HttpBody | null;
}

export type HttpBody =
  | { kind: 'text'; text: string; contentType: string }
  | { kind: 'multipart'; parts: Readonly<Record<string, MultipartPart>> };

export type MultipartPart = string | { text: string; filename: string; type: string };

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

export interface OpenAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array | string> & { text(): Promise<string> };
}
