import type {FastifyReply, FastifyRequest} from 'fastify';
import {z} from 'zod';
import type {Report} from '../checks/check.ts';
import {normalId} from '../config/http.ts';
import type {Access} from './access.ts';
import {KEPT_BYTES_MAX} from './body.ts';
import type {House, ReportedJob} from './house.ts';
import {param, query, type Route} from './route.ts';

type Ping = Pick<Report, 'kind' | 'reason'>;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const EXIT_CODE_MAX = 255;
/** Of Uptime Kuma's `msg`. */
const WORD_CHARS_MAX = 250;

const NOT_TAKEN = 'not taken: the program is ending or changing over; try again';
const kumaAnswer = z.object({ok: z.boolean(), msg: z.string().optional()});
const METHODS = ['GET', 'HEAD', 'POST'] as const;

/** What heartbeats report to: Healthchecks' addresses and Uptime Kuma's. */
export function pingRoutes(house: () => House, access: Access): Route[] {
  const find = createFinder(house);
  const ping = (request: FastifyRequest, reply: FastifyReply) => {
    if (!access.mayTry(request, reply)) return;
    const report = readPing(request);
    if (typeof report === 'string') return void reply.code(400).type(TEXT).send(`${report}\n`);
    const job = find(param(request, 'id'));
    if (job?.receive) return answer(job.receive(report), reply, pingAnswer);
    if (access.mayFail(request, reply)) reply.code(404).type(TEXT).send('not found\n');
  };
  const push = (request: FastifyRequest, reply: FastifyReply) => {
    if (!access.mayTry(request, reply)) return;
    const job = find(param(request, 'id'));
    if (job?.receive) return answer(job.receive(readPush(request)), reply, pushAnswer);
    if (access.mayFail(request, reply)) reply.code(404).send({ok: false, msg: 'Monitor not found or not active.'});
  };
  const text = {200: TEXT, 400: TEXT, 404: TEXT, 503: TEXT};
  const rid = {rid: 'A UUID that tells runs that overlap from each other.'};
  return [
    {
      url: '/ping/:id',
      methods: METHODS,
      summary: 'It is done, and all is well; the body is kept',
      isOpen: true,
      query: rid,
      answers: text,
      handle: ping,
    },
    {
      url: '/ping/:id/:action',
      methods: METHODS,
      summary: 'start: it begins; fail: it went wrong; log: only the body counts; 0 to 255: its exit code',
      isOpen: true,
      query: rid,
      answers: text,
      handle: ping,
    },
    {
      url: '/api/push/:id',
      methods: METHODS,
      summary: 'The same as Uptime Kuma has it',
      isOpen: true,
      query: {status: 'up or down.', msg: 'A word on it.', ping: 'Milliseconds that it took.'},
      answers: {200: kumaAnswer, 404: kumaAnswer, 503: kumaAnswer},
      handle: push,
    },
  ];
}

const TEXT = 'text/plain; charset=utf-8';

/** Most reports change nothing that must be on the disk at once: then there is nothing to wait for. */
function answer(
  taken: boolean | Promise<boolean>,
  reply: FastifyReply,
  say: (reply: FastifyReply, taken: boolean) => void,
): void {
  if (typeof taken === 'boolean') say(reply, taken);
  else void taken.then((kept) => say(reply, kept));
}

function pingAnswer(reply: FastifyReply, taken: boolean): void {
  if (taken) reply.type(TEXT).header('ping-body-limit', KEPT_BYTES_MAX).send('OK');
  else reply.code(503).header('retry-after', '1').type(TEXT).send(`${NOT_TAKEN}\n`);
}

function pushAnswer(reply: FastifyReply, taken: boolean): void {
  if (taken) reply.send({ok: true});
  else reply.code(503).header('retry-after', '1').send({ok: false, msg: NOT_TAKEN});
}

/**
 * A map looks by a hash that is seeded anew at each start, and compares only what has the same one: the time of the answer
 * tells nothing of how far a guess was right.
 */
function createFinder(house: () => House): (id: string) => ReportedJob | undefined {
  let known: House | undefined;
  let byId = new Map<string, ReportedJob>();
  return (id) => {
    const current = house();
    if (current !== known) {
      const ids = new Map(current.config.checks.map(({name, reportId}) => [name, reportId]));
      byId = new Map(
        current.jobs.flatMap((job) => {
          const own = ids.get(job.name);
          return own === undefined ? [] : [[normalId(own), job] as const];
        }),
      );
      known = current;
    }
    return byId.get(id) ?? byId.get(normalId(id));
  };
}

/** What is wrong with it, or the report. */
function readPing(request: FastifyRequest): Report | string {
  const ping = readAction(param(request, 'action'));
  if (!ping) return `expected start, fail, log or an exit code of 0 to ${EXIT_CODE_MAX} behind the id`;
  const rid = query(request, 'rid').toLowerCase();
  if (rid !== '' && !UUID.test(rid)) return 'expected a UUID as rid';
  return {...ping, rid, body: bodyOf(request)};
}

const SUCCESS: Ping = {kind: 'success', reason: ''};

function readAction(action: string): Ping | undefined {
  if (action === '') return SUCCESS;
  if (action === 'start' || action === 'fail' || action === 'log') return {kind: action, reason: ''};
  const code = /^\d{1,3}$/.test(action) ? Number(action) : Number.NaN;
  if (code === 0) return SUCCESS;
  return code <= EXIT_CODE_MAX ? {kind: 'fail', reason: `exit code ${code}`} : undefined;
}

/** As in Uptime Kuma, anything but `up` is down, and nothing is `up`. */
function readPush(request: FastifyRequest): Report {
  const ms = Number.parseFloat(query(request, 'ping'));
  const isUp = (query(request, 'status') || 'up') === 'up';
  return {
    kind: isUp ? 'success' : 'fail',
    reason: '',
    body: bodyOf(request) || query(request, 'msg').slice(0, WORD_CHARS_MAX),
    rid: '',
    ...(Number.isFinite(ms) && ms >= 0 && {latencyMs: ms}),
  };
}

function bodyOf({body}: FastifyRequest): string {
  return typeof body === 'string' ? body : '';
}
