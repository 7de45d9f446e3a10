import {hash, timingSafeEqual} from 'node:crypto';
import type {FastifyReply, FastifyRequest} from 'fastify';
import type {Clock} from '../clock.ts';
import {isLoopback} from '../config/http.ts';
import {type Buckets, createBuckets} from './buckets.ts';
import type {House} from './house.ts';

/** So many wrong ids and tokens may come from one address at once, and one a second after that. */
const GUESSES = 60;
const GUESSES_PER_SECOND = 1;

export interface Access {
  /** Answers whoever may not read, and says false. */
  mayRead(request: FastifyRequest, reply: FastifyReply): boolean;
  /** False when this address has guessed too often, and has been told so. */
  mayTry(request: FastifyRequest, reply: FastifyReply): boolean;
  /** The id or token was wrong. True: that may be said; false: there were too many, and that has been said instead. */
  mayFail(request: FastifyRequest, reply: FastifyReply): boolean;
}

export function createAccess(house: () => House, clock: Pick<Clock, 'monotonic'>): Access {
  const guesses: Buckets = createBuckets({capacity: GUESSES, perSecond: GUESSES_PER_SECOND, clock});
  const tooMany = (reply: FastifyReply) => {
    void reply.code(429).header('retry-after', '1').send({error: 'too many wrong ids or tokens from this address'});
    return false;
  };
  const access: Access = {
    // Nobody has failed yet, most of the time: then the address need not even be read.
    mayTry: (request, reply) => guesses.size() === 0 || guesses.has(request.ip) || isOurs(request.ip) || tooMany(reply),
    mayFail: ({ip}, reply) => guesses.take(ip) || tooMany(reply),
    mayRead: (request, reply) => {
      const {token} = house().config.http ?? {};
      if (token === undefined) return isMeant(request.host) || misdirected(reply);
      if (!access.mayTry(request, reply)) return false;
      if (isEqual(bearerOf(request), token)) return true;
      if (access.mayFail(request, reply))
        void reply.code(401).header('www-authenticate', 'Bearer').send({error: 'expected Authorization: Bearer TOKEN'});
      return false;
    },
  };
  return access;
}

/** Behind a proxy on this machine all the world has this address: one who guesses must not keep the others out. */
const isOurs = (address: string) => isLoopback(address.replace(/^::ffff:/i, ''));

/**
 * Without a token only this machine may read. A web page in a browser on it can bring its own name to point here, and a
 * proxy brings the world: both show in the name that was asked for.
 */
function isMeant(host: string): boolean {
  return isLoopback(host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
}

function misdirected(reply: FastifyReply): false {
  void reply.code(403).send({error: 'without http.token only http://127.0.0.1 and http://localhost may read this'});
  return false;
}

function bearerOf({headers}: FastifyRequest): string {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** By their hashes, so that the time tells neither how long a token is nor how far it was right. */
function isEqual(given: string, token: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'));
}
