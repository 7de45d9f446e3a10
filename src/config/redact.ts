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
  const forms = new Set(secrets.flatMap((secret) => [secret, ...partsOf(secret)]).flatMap(spellings));
  forms.delete('');
  if (forms.size === 0) return (text) => text;
  const index = indexOf(forms);
  return (text) => {
    const clean = strikeOut(text, index);
    return clean.includes(CUT) ? withoutStumps(clean, index) : clean;
  };
}

/** The observations with reasons that may be shown to anybody. */
export function redactReasons(observations: readonly Observation[], redact: Redact): readonly Observation[] {
  // Most are well and have none.
  if (observations.every(({reason}) => reason === '')) return observations;
  return observations.map((observation) => ({...observation, reason: redact(observation.reason)}));
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

/** Secrets by their beginning: ten thousand of them cost one look at each character, not ten thousand at the whole text. */
interface Index {
  readonly keyLength: number;
  readonly byKey: ReadonlyMap<string, readonly string[]>;
}

function indexOf(forms: ReadonlySet<string>): Index {
  // The longest first: a secret that begins another one would leave the other's end standing.
  const sorted = [...forms].sort((a, b) => b.length - a.length);
  const keyLength = Math.min(STUMP_CHARS_MIN, sorted.at(-1)?.length ?? 0);
  return {keyLength, byKey: Map.groupBy(sorted, (form) => form.slice(0, keyLength))};
}

function strikeOut(text: string, {keyLength, byKey}: Index): string {
  let clean = '';
  let from = 0;
  for (let at = 0; at + keyLength <= text.length; at++) {
    const found = byKey.get(text.slice(at, at + keyLength))?.find((form) => text.startsWith(form, at));
    if (found === undefined) continue;
    clean += text.slice(from, at) + REDACTED;
    from = at + found.length;
    at = from - 1;
  }
  return clean + text.slice(from);
}

function withoutStumps(text: string, index: Index): string {
  const pieces = text.split(CUT);
  const last = pieces.pop() ?? '';
  return [...pieces.map((piece) => withoutStump(piece, index)), last].join(CUT);
}

/** The longest end of the piece that begins a secret goes. */
function withoutStump(piece: string, {keyLength, byKey}: Index): string {
  for (let at = 0; at + STUMP_CHARS_MIN <= piece.length; at++) {
    const stump = piece.slice(at);
    if (byKey.get(stump.slice(0, keyLength))?.some((form) => form.startsWith(stump))) {
      return piece.slice(0, at) + REDACTED;
    }
  }
  return piece;
}
