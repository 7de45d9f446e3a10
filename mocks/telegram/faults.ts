/**
 * What goes wrong with a request, on demand:
 * - `hang`: never answered, never processed. `hang_after`: processed, never answered.
 * - `reset`: the connection is reset before processing. `reset_after`: processed, and reset before the answer.
 * - `html`: not processed; a proxy's HTML page with `status` (502).
 * - `status`: not processed; a JSON error with `status` (500) and `description` (`Internal Server Error: restart`).
 * - `slow`: processed and answered `ms` (1000) later.
 * - `half`: processed; the headers and half of the answer's body are sent, and then nothing.
 * - `error`: not processed; the Bot API error `code` (400), `description`, `parameters`.
 */
export interface FaultRule {
  readonly kind: 'hang' | 'hang_after' | 'reset' | 'reset_after' | 'html' | 'status' | 'slow' | 'half' | 'error';
  /** Only requests of this method; left out: of every method, getUpdates included. */
  readonly method?: string;
  /** Only requests with this `chat_id`. */
  readonly chat?: number;
  /** How many requests it strikes; left out: every one until `clear`. */
  readonly times?: number;
  readonly ms?: number;
  readonly status?: number;
  readonly code?: number;
  readonly description?: string;
  readonly parameters?: {readonly retry_after?: number; readonly migrate_to_chat_id?: number};
}

export interface Fault {
  readonly rule: FaultRule;
  /** How many requests it has struck. */
  readonly hits: number;
  clear(): void;
}

export interface Faults {
  add(rule: FaultRule): Fault;
  clear(): void;
  /** The oldest fault that concerns the request, counted as struck. */
  strike(method: string, chatId: unknown): FaultRule | undefined;
  list(): readonly FaultRule[];
}

export function createFaults(): Faults {
  let active: Array<{rule: FaultRule; hits: number}> = [];
  return {
    add: (rule) => {
      const entry = {rule, hits: 0};
      active.push(entry);
      return {
        rule,
        get hits() {
          return entry.hits;
        },
        clear: () => {
          active = active.filter((other) => other !== entry);
        },
      };
    },
    clear: () => {
      active = [];
    },
    strike: (method, chatId) => {
      const entry = active.find(({rule, hits}) => hits < (rule.times ?? Infinity) && concerns(rule, method, chatId));
      if (entry !== undefined) entry.hits += 1;
      return entry?.rule;
    },
    list: () => active.filter(({rule, hits}) => hits < (rule.times ?? Infinity)).map(({rule}) => rule),
  };
}

function concerns(rule: FaultRule, method: string, chatId: unknown): boolean {
  if (rule.method !== undefined && rule.method.toLowerCase() !== method.toLowerCase()) return false;
  return rule.chat === undefined || String(rule.chat) === String(chatId);
}
