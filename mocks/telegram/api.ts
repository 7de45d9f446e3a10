import type {IncomingMessage, ServerResponse} from 'node:http';
import {type Parameters, readParameters} from './body.ts';
import type {FaultRule, Faults} from './faults.ts';
import {methods} from './methods/index.ts';
import type {Call, Method} from './methods/method.ts';
import type {ApiAnswer, RequestRecord} from './model.ts';
import {badRequest, Refusal} from './refusal.ts';
import {loadSchema, type Schema} from './schema.ts';
import type {World} from './world.ts';

export interface Api {
  /** Serves one request to `/bot<token>/<method>`. */
  serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  /** While true, every request is reset, those under way included. */
  outage(on: boolean): void;
  isOut(): boolean;
  readonly requests: RequestRecord[];
  readonly violations: string[];
}

/** Older requests than these are forgotten: a demo may run for days. */
const REQUESTS_KEPT_MAX = 20_000;

export function createApi({world, faults, validate}: {world: World; faults: Faults; validate: boolean}): Api {
  const requests: RequestRecord[] = [];
  const violations: string[] = [];
  const underWay = new Set<IncomingMessage>();
  let out = false;

  const serve = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    if (out) return reset(request);
    underWay.add(request);
    const hangup = new AbortController();
    response.on('close', () => {
      underWay.delete(request);
      hangup.abort();
    });
    const [, token = '', name = ''] = /^\/bot([^/]*)\/([^/]*)$/.exec(url.pathname) ?? [];
    const method = canonical(decodeURIComponent(name));
    const schema = validate ? loadSchema() : undefined;
    const read = await readParameters(request, url.searchParams).catch((error: Error) => error);
    const record: RequestRecord = {method, params: paramsOf(schema, method, read), at: world.clock.now()};
    requests.push(record);
    if (requests.length > REQUESTS_KEPT_MAX) requests.shift();
    world.notify({kind: 'request'});
    const rule = faults.strike(method, record.params.chat_id);
    if (rule !== undefined) record.fault = rule.kind;
    const compute = async () => {
      if (read instanceof Error) return refusalAnswer(badRequest(`can't parse the request: ${read.message}`));
      return answerTo({world, record, token: decodeURIComponent(token), schema, violations, signal: hangup.signal});
    };
    await send({request, response, record, rule, compute, world});
    world.notify({kind: 'request'});
  };

  return {
    serve,
    requests,
    violations,
    isOut: () => out,
    outage: (on) => {
      out = on;
      if (on) for (const request of underWay) reset(request);
    },
  };
}

function canonical(name: string): string {
  return Object.keys(methods).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

function paramsOf(schema: Schema | undefined, method: string, read: Parameters | Error): Record<string, unknown> {
  if (read instanceof Error) return {};
  return read.isForm && schema !== undefined ? schema.fromForm(method, read.values) : read.values;
}

interface Question {
  readonly world: World;
  readonly record: RequestRecord;
  readonly token: string;
  readonly schema: Schema | undefined;
  readonly violations: string[];
  readonly signal: AbortSignal;
}

async function answerTo({world, record, token, schema, violations, signal}: Question): Promise<ApiAnswer> {
  try {
    const bot = world.bots.get(token);
    if (bot === undefined) throw new Refusal(401, 'Unauthorized');
    const method = methods[record.method] as (((params: object, call: Call) => unknown) & Method) | undefined;
    if (method === undefined) {
      if (schema?.knows(record.method) === true) violations.push(`${record.method}: not simulated yet`);
      throw new Refusal(404, 'Not Found: method not found');
    }
    const violation = schema?.violation(record.method, record.params);
    if (violation !== undefined) {
      violations.push(`${record.method}: ${violation}`);
      throw badRequest(`schema: ${violation}`);
    }
    return {ok: true, result: structuredClone(await method(record.params, {world, bot, signal}))};
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error);
    violations.push(`${record.method}: the simulator broke: ${error instanceof Error ? error.stack : String(error)}`);
    return refusalAnswer(new Refusal(500, 'Internal Server Error: the simulator broke'));
  }
}

function refusalAnswer({code, message, parameters}: Refusal): ApiAnswer {
  const more = parameters === undefined ? {} : {parameters};
  return {ok: false, error_code: code, description: message, ...more};
}

interface Sending {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly rule: FaultRule | undefined;
  readonly compute: () => Promise<ApiAnswer>;
  readonly world: World;
}

async function send({request, response, record, rule, compute, world}: Sending): Promise<void> {
  const answer = async () => {
    record.answer = await compute();
    return record.answer;
  };
  switch (rule?.kind) {
    case 'hang':
      return;
    case 'reset':
      return reset(request);
    case 'html':
      return write(response, rule.status ?? 502, HTML_BODY, 'text/html');
    case 'status': {
      const status = rule.status ?? 500;
      const description = rule.description ?? 'Internal Server Error: restart';
      return writeAnswer(response, {ok: false, error_code: status, description});
    }
    case 'error': {
      const description = rule.description ?? 'Bad Request: fault on demand';
      record.answer = refusalAnswer(new Refusal(rule.code ?? 400, description, rule.parameters));
      return writeAnswer(response, record.answer);
    }
    case 'hang_after':
      await answer();
      return;
    case 'reset_after':
      await answer();
      return reset(request);
    case 'half':
      return writeHalf(response, await answer());
    case 'slow': {
      const delay = world.clock.sleep(rule.ms ?? 1000);
      const delayed = await answer();
      await delay;
      return writeAnswer(response, delayed);
    }
    default:
      return writeAnswer(response, await answer());
  }
}

const HTML_BODY = '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n';

/** The other side sees ECONNRESET, not an orderly end. */
function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function writeAnswer(response: ServerResponse, answer: ApiAnswer): void {
  write(response, answer.ok ? 200 : answer.error_code, JSON.stringify(answer), 'application/json');
}

function write(response: ServerResponse, status: number, body: string, type: string): void {
  if (response.destroyed) return;
  response.writeHead(status, {'content-type': type, 'content-length': Buffer.byteLength(body)}).end(body);
}

function writeHalf(response: ServerResponse, answer: ApiAnswer): void {
  const body = Buffer.from(JSON.stringify(answer));
  response.writeHead(200, {'content-type': 'application/json', 'content-length': body.length});
  response.write(body.subarray(0, Math.floor(body.length / 2)));
}
