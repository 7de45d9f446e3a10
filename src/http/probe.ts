import type {FastifyReply, FastifyRequest} from 'fastify';
import type {Clock} from '../clock.ts';
import {threshold} from '../state/engine.ts';
import type {Observation} from '../state/vocabulary.ts';
import type {House} from './house.ts';
import {query, type Route} from './route.ts';
import {failure} from './schemas.ts';

/** Prometheus' text format, version 0.0.4. */
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';
/** So many at once; each may hold sockets and processes. */
const PROBES_MAX = 16;
/** Where Prometheus does not say how long it waits. */
const TIMEOUT_MS = 10_000;
const TIMEOUT_MS_MAX = 120_000;
/** The answer must be there before Prometheus gives up, as in blackbox_exporter. */
const ANSWER_MS = 500;

/** Runs a check when Prometheus asks, as blackbox_exporter does. */
export function probeRoute(house: () => House, clock: Clock): Route {
  let running = 0;
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const name = query(request, 'check');
    if (name === '') return reply.code(400).send({error: 'expected ?check=NAME'});
    if (running >= PROBES_MAX) return reply.code(503).send({error: `${PROBES_MAX} probes are running`});
    const {signal, cancel} = clock.deadline(timeoutMs(request));
    // When the asker is gone, nobody waits for the answer.
    const gone = new AbortController();
    request.raw.socket.once('close', () => gone.abort());
    running++;
    const began = clock.monotonic();
    try {
      const found = await house().probe(name, AbortSignal.any([signal, gone.signal]));
      if (!found) return reply.code(404).send({error: 'there is no such check'});
      return reply.type(EXPOSITION).send(exposition(name, found, {house: house(), tookMs: clock.monotonic() - began}));
    } finally {
      running--;
      cancel();
    }
  };
  return {
    url: '/probe',
    methods: ['GET'],
    summary: 'Runs a check once, uncounted, and says what it found',
    isOpen: false,
    query: {check: 'The name of the check.'},
    answers: {200: EXPOSITION, 400: failure, 404: failure, 503: failure},
    handle,
  };
}

function timeoutMs({headers}: FastifyRequest): number {
  const seconds = Number(headers['x-prometheus-scrape-timeout-seconds']);
  if (!(seconds > 0)) return TIMEOUT_MS;
  const ms = Math.min(TIMEOUT_MS_MAX, seconds * 1_000);
  return ms > 2 * ANSWER_MS ? ms - ANSWER_MS : ms / 2;
}

function exposition(
  name: string,
  found: readonly Observation[],
  {house, tookMs}: {readonly house: House; readonly tookMs: number},
): string {
  const gauges = new Map<string, string[]>();
  const add = (gauge: string, value: number, target?: string) => {
    const labels = target === undefined ? '' : `{target="${target.replaceAll(/[\\"\n]/g, '\\$&')}"}`;
    gauges.set(gauge, [...(gauges.get(gauge) ?? []), `${gauge}${labels} ${value}`]);
  };
  add('probe_success', Number(isSuccess(name, found, house)));
  add('probe_duration_seconds', tookMs / 1_000);
  for (const {target, result, values = {}} of found) {
    if (target !== undefined) add('probe_target_success', Number(result !== 'failed'), target);
    for (const [key, value] of Object.entries(values)) add(`probe_${key.replaceAll(/\W/g, '_')}`, value, target);
  }
  return [...gauges]
    .flatMap(([gauge, lines]) => [`# TYPE ${gauge} gauge`, ...lines, ''])
    .filter(Boolean)
    .join('\n')
    .concat('\n');
}

/** Nothing found means that the time was up. What is reported instead of looked at succeeds while it is not down. */
function isSuccess(name: string, found: readonly Observation[], house: House): boolean {
  const config = house.config.checks.find((check) => check.name === name);
  if (config?.reportId !== undefined) {
    const {state} = house.view().find((view) => view.config.name === name) ?? {};
    return state?.known === true && state.status;
  }
  if (found.length === 0 || found.every(({result}) => result === 'inconclusive')) return false;
  const failed = found.filter(({result}) => result === 'failed').length;
  const limit = config && config.targets.length > 0 ? threshold(config.alertWhen, config.targets.length) : 1;
  return failed < limit;
}
