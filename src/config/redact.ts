import type {Observation} from '../state/vocabulary.ts';

/** Strikes every known secret out of a text. */
export type Redact = (text: string) => string;

const REDACTED = '[redacted]';
/** A shorter part of an address stands in too many innocent words to be struck out everywhere. */
const PART_CHARS_MIN = 6;
/** What is left of a secret where a text was cut in its middle is struck out from this length on. */
const STUMP_CHARS_MIN = 6;
/** Stands where a text was cut. */
const CUT = '…';

/**
 * For what leaves the program: the log, and the reasons of checks, in which an answer may quote what was sent. Of a secret
 * address, its query, user and password are secrets by themselves, since a server's error page repeats those.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const all = new Set(secrets.flatMap((secret) => [secret, ...partsOf(secret)]).flatMap(spellings));
  // The longest first: a secret that begins another one would leave the other's end standing.
  const sorted = [...all].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of sorted) if (clean.includes(form)) clean = clean.replaceAll(form, REDACTED);
    return clean.includes(CUT) ? withoutStumps(clean, sorted) : clean;
  };
}

/** The observation with a reason that may be shown to anybody. */
export function redactReason(observation: Observation, redact: Redact): Observation {
  const reason = redact(observation.reason);
  return reason === observation.reason ? observation : {...observation, reason};
}

function partsOf(secret: string): string[] {
  const url = URL.parse(secret);
  if (!url || url.host === '') return [];
  const {username, password, search} = url;
  const login = `${decoded(username)}:${decoded(password)}`;
  const values = [...new URLSearchParams(search).values(), ...search.slice(1).split(/[&=]/)];
  const parts = [password, decoded(password), search, decoded(search), ...values];
  const basic = username === '' ? [] : [Buffer.from(login).toString('base64')];
  return [...parts, ...basic].filter((part) => part.length >= PART_CHARS_MIN);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** JSON escapes quotes and backslashes, so a secret may stand in a line of the log, or in a quotation, in that form. */
function spellings(secret: string): string[] {
  const quoted = JSON.stringify(secret).slice(1, -1);
  return [secret, quoted, JSON.stringify(quoted).slice(1, -1)];
}

function withoutStumps(text: string, secrets: readonly string[]): string {
  const pieces = text.split(CUT);
  const last = pieces.pop() ?? '';
  return [...pieces.map((piece) => withoutStump(piece, secrets)), last].join(CUT);
}

function withoutStump(piece: string, secrets: readonly string[]): string {
  let length = 0;
  for (const secret of secrets) {
    for (let n = Math.min(secret.length, piece.length); n >= STUMP_CHARS_MIN && n > length; n--) {
      if (piece.endsWith(secret.slice(0, n))) length = n;
    }
  }
  return length === 0 ? piece : piece.slice(0, -length) + REDACTED;
}
