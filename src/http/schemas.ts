import {z} from 'zod';

/** What the API answers with. fastify serialises with these and /openapi.json shows them, so the two cannot differ. */

const time = z.string().describe('ISO 8601, UTC.');

const target = z.object({
  address: z.string(),
  status: z.boolean(),
  errors: z.int(),
  since: time,
  reason: z.string(),
});

const checkKeys = {
  name: z.string(),
  type: z.string(),
  group: z.string().optional(),
  status: z.boolean().describe('False: it is down.'),
  known: z.boolean().describe('False: nothing has been seen of it yet.'),
  since: time.optional(),
  errors: z.int().describe('Failures in a row, of the target with the most of them.'),
  last: z
    .object({at: time, result: z.enum(['ok', 'failed', 'inconclusive']), reason: z.string(), latency_ms: z.number()})
    .optional()
    .describe('The newest observation; left out for a check with targets.'),
  flapping: z.boolean(),
  incident: z.int().optional().describe('The number of the open one.'),
  targets: z.object({total: z.int(), down: z.int()}).optional(),
};

export const check = z.object(checkKeys);
export const checks = z.object({checks: z.array(check)});
export const checkDetail = z.object({
  ...checkKeys,
  all_targets: z.array(target).optional(),
  last_report: z
    .object({at: time, kind: z.enum(['success', 'fail', 'start', 'log']), body: z.string()})
    .optional()
    .describe('Of a heartbeat: what was sent along.'),
});

const person = z.object({id: z.int(), name: z.string()});
export const incidents = z.object({
  incidents: z.array(
    z.object({
      id: z.int(),
      check: z.string(),
      opened_at: time,
      closed_at: time.optional(),
      reason: z.string(),
      errors: z.int(),
      false_targets: z.int().optional(),
      acknowledged: z.object({by: person, at: time, why: z.string(), until: time.optional()}).optional(),
      held: z.string().optional().describe('Why people are not told, or not yet.'),
    }),
  ),
});
export const silences = z.object({
  silences: z.array(
    z.object({
      id: z.int(),
      kind: z.enum(['silence', 'maintenance']),
      what: z.string().describe('A name, a glob, group:NAME or all.'),
      at: time,
      until: z.string().describe('ISO 8601, UTC; or recovered.'),
      by: person,
      why: z.string(),
    }),
  ),
});
export const statusMap = z.record(z.string(), z.union([z.boolean(), z.record(z.string(), z.boolean())]));
export const failure = z.object({error: z.string()});
