import {z} from 'zod';
import type {House} from './house.ts';
import type {Route} from './route.ts';

const health = z.object({status: z.literal('ok'), version: z.string()});
const readiness = z.object({
  ready: z.boolean(),
  config: z.boolean().describe('A configuration is loaded.'),
  store: z.boolean().describe('The data folder can be written.'),
  telegram: z.boolean().optional().describe('It was reached within the last 2 minutes; left out where it is not used.'),
});

/** For service managers and load balancers: they show no names, so everybody may ask. */
export function healthRoutes(house: () => House): Route[] {
  return [
    {
      url: '/healthz',
      methods: ['GET', 'HEAD'],
      summary: 'The process is there and its event loop turns',
      isOpen: true,
      answers: {200: health},
      handle: () => ({status: 'ok', version: house().version}),
    },
    {
      url: '/readyz',
      methods: ['GET', 'HEAD'],
      summary: 'It can do its work; otherwise, what it cannot',
      isOpen: true,
      answers: {200: readiness, 503: readiness},
      handle: (_request, reply) => {
        const {store, telegram} = house().readiness();
        const ready = store && telegram !== false;
        return reply
          .code(ready ? 200 : 503)
          .send({ready, config: true, store, ...(telegram !== undefined && {telegram})});
      },
    },
  ];
}
