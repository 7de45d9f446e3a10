import Fastify, {type FastifyInstance, type FastifyServerFactory} from 'fastify';
import type {Logger} from 'pino';
import {z} from 'zod';
import type {Clock} from '../clock.ts';
import {createAccess} from './access.ts';
import {readBody} from './body.ts';
import {healthRoutes} from './health.ts';
import type {House} from './house.ts';
import {jsonSchema, openApi} from './openapi.ts';
import {pingRoutes} from './pings.ts';
import {probeRoute} from './probe.ts';
import type {Route} from './route.ts';
import {refuse} from './server.ts';
import {viewRoutes} from './views.ts';

/** A name of 64 letters in any script, percent-encoded. */
const PARAM_CHARS_MAX = 800;

/** Every address of the server, and what is said where there is none. */
export function createApp(use: {
  readonly house: () => House;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serverFactory: FastifyServerFactory;
}): FastifyInstance {
  const {house, clock, log, serverFactory} = use;
  const routerOptions = {maxParamLength: PARAM_CHARS_MAX};
  const app = Fastify({
    logger: false,
    serverFactory,
    clientErrorHandler: refuse,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    routerOptions,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', readBody);
  const access = createAccess(house, clock);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({error: 'there is nothing at this address'}));
  app.setErrorHandler((error: Error & {statusCode?: number}, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({error: error.message});
    log.error({err: error}, 'an answer over HTTP broke');
    return reply.code(500).send({error: 'that did not work; the log has the reason'});
  });
  const routes = routesOf(house, {access, clock});
  for (const route of routes) register(app, route, access);
  return app;
}

const anything = z.record(z.string(), z.unknown());

function routesOf(
  house: () => House,
  {access, clock}: {access: ReturnType<typeof createAccess>; clock: Clock},
): Route[] {
  const metrics: Route = {
    url: '/metrics',
    methods: ['GET', 'HEAD'],
    summary: 'For Prometheus',
    isOpen: false,
    answers: {200: 'text/plain'},
    handle: async ({headers}, reply) => {
      const {metrics} = house();
      if (!metrics) return reply.callNotFound();
      const page = metrics.page?.(headers.accept) ?? metrics;
      return reply.type(page.contentType).send(await page.render());
    },
  };
  const own: Route = {
    url: '/openapi.json',
    methods: ['GET', 'HEAD'],
    summary: 'This document',
    isOpen: true,
    answers: {200: anything},
    handle: () => openApi(all, house().version),
  };
  const all = [
    ...pingRoutes(house, access),
    ...healthRoutes(house),
    ...viewRoutes(house),
    probeRoute(house, clock),
    metrics,
    own,
  ];
  return all;
}

function register(app: FastifyInstance, route: Route, access: ReturnType<typeof createAccess>): void {
  const json = Object.entries(route.answers).filter(
    (entry): entry is [string, z.ZodType] => typeof entry[1] !== 'string',
  );
  app.route({
    method: [...route.methods],
    url: route.url,
    schema: {response: Object.fromEntries(json.map(([status, schema]) => [status, jsonSchema(schema)]))},
    // Before the body is read.
    ...(!route.isOpen && {
      onRequest: (request, reply, done) => {
        if (access.mayRead(request, reply)) done();
      },
    }),
    handler: route.handle,
  });
  const others = (['GET', 'HEAD', 'POST'] as const).filter((method) => !route.methods.includes(method));
  if (others.length === 0) return;
  app.route({
    method: others,
    url: route.url,
    handler: (_request, reply) =>
      reply
        .code(405)
        .header('allow', route.methods.join(', '))
        .send({error: `expected ${route.methods.join(' or ')}`}),
  });
}
