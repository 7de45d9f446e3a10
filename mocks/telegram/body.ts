import type {IncomingMessage} from 'node:http';

/** The official server takes files up to 50 MB. */
const BODY_BYTES_MAX = 52_000_000;

export interface Parameters {
  readonly values: Record<string, unknown>;
  /** Everything is text in a form and in the query, also what ought to be an object. */
  readonly isForm: boolean;
}

/**
 * Reads a request's parameters from its query and its body: JSON, urlencoded or multipart, where files are `File` objects.
 * Rejects with what is wrong.
 */
export async function readParameters(request: IncomingMessage, query: URLSearchParams): Promise<Parameters> {
  const type = request.headers['content-type'] ?? '';
  const fromQuery = Object.fromEntries(query);
  const body = await readBody(request);
  if (type.startsWith('application/json')) {
    const values: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    if (typeof values !== 'object' || values === null || Array.isArray(values)) throw new Error('not a JSON object');
    return {values: {...fromQuery, ...values}, isForm: query.size > 0};
  }
  if (type.startsWith('multipart/form-data')) {
    const form = await new Response(new Uint8Array(body), {headers: {'content-type': type}}).formData();
    const values = Object.fromEntries(form);
    return {values: {...fromQuery, ...resolveAttachments(values)}, isForm: true};
  }
  return {values: {...fromQuery, ...Object.fromEntries(new URLSearchParams(body.toString('utf8')))}, isForm: true};
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new Error('Request Entity Too Large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `attach://name` stands for the part of that name; telegraf also repeats the method as a field. */
function resolveAttachments({method: _, ...fields}: Record<string, unknown>): Record<string, unknown> {
  const used = new Set<string>();
  const resolved = Object.entries(fields).map(([key, value]): [string, unknown] => {
    const name = typeof value === 'string' ? /^attach:\/\/(.+)$/.exec(value)?.[1] : undefined;
    if (name === undefined || fields[name] === undefined) return [key, value];
    used.add(name);
    return [key, fields[name]];
  });
  return Object.fromEntries(resolved.filter(([key]) => !used.has(key)));
}
