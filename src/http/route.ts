import type {FastifyReply, FastifyRequest} from 'fastify';
import type {z} from 'zod';

/** One address of the server: what fastify answers with and what /openapi.json says are made from this alone. */
export interface Route {
  readonly url: string;
  readonly methods: readonly ('GET' | 'HEAD' | 'POST')[];
  readonly summary: string;
  /** Everybody may ask; otherwise it needs the token. */
  readonly isOpen: boolean;
  readonly query?: Readonly<Record<string, string>>;
  /** By status: JSON of this form, or text of this type. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

/** What stands for `:name` in the address. */
export function param({params}: FastifyRequest, name: string): string {
  const value: unknown = typeof params === 'object' && params ? Reflect.get(params, name) : undefined;
  return typeof value === 'string' ? value : '';
}

/** The first of that name behind the question mark; empty: there is none. */
export function query({query}: FastifyRequest, name: string): string {
  const found: unknown = typeof query === 'object' && query ? Reflect.get(query, name) : undefined;
  const value: unknown = Array.isArray(found) ? found[0] : found;
  return typeof value === 'string' ? value : '';
}
