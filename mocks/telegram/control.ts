import type {IncomingMessage, ServerResponse} from 'node:http';
import {readBody} from './body.ts';
import type {Breakable, Simulator} from './simulator.ts';
import type {World} from './world.ts';

/**
 * The test API over HTTP, for the page and for other processes: `POST /_sim/<verb>` with the verb's argument as JSON (what
 * it returns comes back as `{"result": …}`, what it throws as 400 `{"error": "…"}`), and
 * `GET /_sim/state | messages?chat=N | file?chat=N&message=N | requests?since=N | violations | answers | events` (the last as Server-Sent Events).
 */
export interface Control {
  serve(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

interface Parts {
  readonly simulator: Simulator;
  readonly world: World;
  readonly breakables: readonly Breakable[];
  /** What was broken here and not mended since, and in which way; whoever mends it elsewhere is not noticed. */
  readonly broken: Map<string, string>;
}

/** How long a mock may take to be broken or mended. */
const FORWARD_MS = 5000;

export function createControl(parts: Omit<Parts, 'broken'>): Control {
  const broken = new Map<string, string>();
  const verbs = createVerbs({...parts, broken});
  const readings = createReadings({...parts, broken});
  return {
    serve: async (request, response, url) => {
      const name = url.pathname.replace(/^\/_sim\//, '');
      if (request.method === 'GET' && name === 'events') return streamEvents(response, parts.world);
      if (request.method === 'GET' && name === 'file') return sendFile(response, parts.simulator, url.searchParams);
      const reading = request.method === 'GET' ? readings[name] : undefined;
      const verb = request.method === 'POST' ? verbs[name] : undefined;
      if (reading !== undefined) return reply(response, 200, reading(url.searchParams));
      if (verb === undefined) return reply(response, 404, {error: `no such control: ${request.method} ${name}`});
      try {
        const body = (await readBody(request)).toString('utf8');
        const result = await verb((body === '' ? {} : JSON.parse(body)) as never);
        reply(response, 200, {result: result ?? null});
      } catch (error) {
        reply(response, 400, {error: error instanceof Error ? error.message : String(error)});
      }
    },
  };
}

type Verb = (argument: never) => unknown;

function createVerbs({simulator, world, breakables, broken}: Parts): Readonly<Record<string, Verb>> {
  const forward = async ({name, path, way = ''}: {name: string; path: 'break' | 'mend'; way?: string | undefined}) => {
    const service = breakables.find((one) => one.name === name);
    const ways = service === undefined ? {} : waysOf(service);
    const url = path === 'mend' ? service?.mend : way === '' ? Object.values(ways)[0] : ways[way];
    if (url === undefined) throw new Error(`nothing to ${path} by the name of ${name}${way && `: ${way}`}`);
    const answer = await fetch(url, {method: 'POST', signal: AbortSignal.timeout(FORWARD_MS)});
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
    if (path === 'break') broken.set(name, way);
    else broken.delete(name);
    world.notify({kind: 'faults'});
    return text;
  };
  return {
    say: simulator.say,
    press: simulator.press,
    react: simulator.react,
    addUser: simulator.addUser,
    addChat: simulator.addChat,
    fault: (rule: Parameters<Simulator['fault']>[0]) => simulator.fault(rule).rule,
    clearFaults: simulator.clearFaults,
    outage: ({on}: {on: boolean}) => simulator.outage(on),
    block: ({chat}: {chat: number}) => simulator.block(chat),
    kick: ({chat}: {chat: number}) => simulator.kick(chat),
    restore: ({chat}: {chat: number}) => simulator.restore(chat),
    upgrade: ({chat, to}: {chat: number; to: number}) => simulator.upgradeToSupergroup(chat, to),
    break: ({name, way}: {name: string; way?: string}) => forward({name, path: 'break', way}),
    mend: ({name}: {name: string}) => forward({name, path: 'mend'}),
  };
}

type Reading = (query: URLSearchParams) => unknown;

function createReadings({simulator, world, breakables, broken}: Parts): Readonly<Record<string, Reading>> {
  return {
    state: () => ({
      bots: [...world.bots.values()].map(({user, commands}) => ({user, commands: [...commands].map(menuOf)})),
      users: [...world.users.values()],
      chats: [...world.chats.values()]
        .filter(({migratedTo}) => migratedTo === undefined)
        .map(({info, topics, members}) => ({
          ...info,
          topics: Object.fromEntries(topics),
          members: [...members],
          said: saidIn(simulator.messages(info.id)),
        })),
      breakables: breakables.map((one) => ({
        name: one.name,
        ...(typeof one.break === 'string' ? {} : {ways: Object.keys(one.break)}),
        broken: broken.has(one.name),
        ...(broken.get(one.name) && {way: broken.get(one.name)}),
      })),
      outage: simulator.isOut(),
      faults: simulator.faults(),
    }),
    messages: (query) => simulator.messages(Number(query.get('chat'))),
    requests: (query) => simulator.requests.slice(Number(query.get('since') ?? 0)),
    violations: () => simulator.violations,
    answers: () => simulator.callbackAnswers,
  };
}

/** A service that breaks in one way only has no name for that. */
const waysOf = ({break: how}: Breakable): Readonly<Record<string, string>> =>
  typeof how === 'string' ? {'': how} : how;

function menuOf([key, commands]: [string, readonly object[]]): object {
  const [scope, language] = JSON.parse(key);
  return {scope, language, commands};
}

/** Messages that name no topic of a forum are in its general one. */
const GENERAL_TOPIC = 1;

/** Of each topic: how many messages it has, and what was said last. */
function saidIn(messages: ReturnType<Simulator['messages']>): object[] {
  const byTopic = Map.groupBy(messages, ({thread = GENERAL_TOPIC}) => thread);
  return [...byTopic].map(([thread, all]) => {
    const last = all.at(-1);
    return {thread, count: all.length, text: last?.text || last?.file?.name || ''};
  });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body));
}

function sendFile(response: ServerResponse, simulator: Simulator, query: URLSearchParams): void {
  const file = simulator.file(Number(query.get('chat')), Number(query.get('message')));
  if (file === undefined) return reply(response, 404, {error: 'no such file'});
  const type = file.as === 'photo' ? 'image/png' : 'application/octet-stream';
  const disposition = `${file.as === 'photo' ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  response.writeHead(200, {'content-type': type, 'content-disposition': disposition}).end(file.bytes);
}

function streamEvents(response: ServerResponse, world: World): void {
  response.writeHead(200, {'content-type': 'text/event-stream', 'cache-control': 'no-store'});
  response.write(': hello\n\n');
  const unsubscribe = world.subscribe((event) => {
    if (event.kind !== 'request') response.write(`data: ${JSON.stringify(event)}\n\n`);
  });
  response.on('close', unsubscribe);
}
