import {parseDuration} from '../checks/duration.ts';
import {celPath, celText, celValue} from './cel.ts';

/** What a kind of check has instead of Gatus's placeholders; a missing one has no equal there. */
export interface Names {
  readonly status?: string;
  readonly ip?: string;
  readonly latency?: string;
  /** The text of the answer. */
  readonly body?: string;
  /** Whether `[BODY].path` may be asked of it. */
  readonly json?: true;
  /** A list of answers in place of a body. */
  readonly answers?: string;
  readonly rcode?: string;
  /** Days left, of the certificate. */
  readonly certificate?: string;
  /** True where a connection was made, which a check of this kind proves anyway. */
  readonly connected: 'proven';
}

export type Translated =
  | {readonly kind: 'cel'; readonly text: string}
  /** True whenever the check is ok. */
  | {readonly kind: 'needless'}
  | {readonly kind: 'unknown'; readonly why: string};

const unknown = (why: string): Translated => ({kind: 'unknown', why});
const cel = (text: string): Translated => ({kind: 'cel', text});

/** `[STATUS] == 200` and its like, as an expression of CEL. */
export function translate(condition: string, names: Names): Translated {
  const parts = /^(.+?) (==|!=|<=|>=|<|>) (.+)$/.exec(condition.trim());
  const [left = '', operator = '', right = ''] = parts?.slice(1).map((text) => text.trim()) ?? [];
  if (!parts) return unknown('there is no comparison in it');
  // The placeholder stands on the left from here on.
  if (isPlaceholder(right) && !isPlaceholder(left)) return compare(right, FLIPPED[operator] ?? operator, left, names);
  return compare(left, operator, right, names);
}

const FLIPPED: Readonly<Record<string, string>> = {'<': '>', '>': '<', '<=': '>=', '>=': '<='};

function isPlaceholder(text: string): boolean {
  return /\[[A-Z_]+\]/.test(text);
}

function compare(left: string, operator: string, right: string, names: Names): Translated {
  if (left === '[CONNECTED]') {
    const wanted = (right === 'true') === (operator === '==');
    return wanted ? {kind: 'needless'} : unknown('Vakhta takes no connection for a failure');
  }
  if (isPlaceholder(right)) return unknown('both sides are placeholders');
  const within = /^(len|has)\((.*)\)$/.exec(left);
  if (within?.[1] === 'has') return hasOf(within[2] ?? '', operator, right, names);
  if (within?.[1] === 'len') return lengthOf(within[2] ?? '', operator, right, names);
  if (left === '[BODY]' && names.answers !== undefined) return answersOf(names.answers, operator, right);
  if (left === '[CERTIFICATE_EXPIRATION]') return daysOf(names.certificate, operator, right);
  const subject = subjectOf(left, names);
  if (subject === undefined) return unknown(`${left} has no equal here`);
  return relate(subject, operator, right, left === '[STATUS]' || left === '[RESPONSE_TIME]');
}

function subjectOf(text: string, names: Names): string | undefined {
  switch (text) {
    case '[STATUS]':
      return names.status;
    case '[RESPONSE_TIME]':
      return names.latency;
    case '[IP]':
      return names.ip;
    case '[DNS_RCODE]':
      return names.rcode;
    case '[BODY]':
      return names.body;
    default:
      return names.json && text.startsWith('[BODY]') ? celPath(text.slice('[BODY]'.length)) : undefined;
  }
}

/** `any()` and `pat()` go with equality only; an ordering compares numbers, of durations milliseconds. */
function relate(subject: string, operator: string, right: string, isNumber: boolean): Translated {
  const not = operator === '!=' ? '!' : '';
  const [, word, inside = ''] = /^(any|pat)\((.*)\)$/.exec(right) ?? [];
  // Only a JSON value may be a number or a truth value; a body, an address or an rcode is text.
  const valueFor = isNumber || subject.startsWith('json') ? celValue : celText;
  if (operator === '==' || operator === '!=') {
    if (word === 'pat') return isNumber ? unknown('a pattern of a number') : cel(`${not}${pattern(subject, inside)}`);
    if (word === 'any') {
      // CEL's lists are of one type, which the values of any() need not be.
      const values = inside.split(',').map((one) => valueFor(one.trim()));
      return cel(`${not}(${values.map((value) => `${subject} == ${value}`).join(' || ')})`);
    }
    return cel(`${subject} ${operator} ${valueFor(right)}`);
  }
  const number = numberIn(right);
  return number === undefined ? unknown(`${right} is no number`) : cel(`${subject} ${operator} ${number}`);
}

function numberIn(text: string): string | undefined {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return text;
  const ms = parseDuration(text);
  return ms === undefined ? undefined : String(ms);
}

/** A glob: `*x*` is found anywhere, all else is an anchored regular expression. */
function pattern(subject: string, glob: string): string {
  const inner = /^\*([^*?[\]\\]+)\*$/.exec(glob)?.[1];
  if (inner !== undefined) return `${subject}.contains(${celText(inner)})`;
  const source = glob
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('*', '[\\s\\S]*')
    .replaceAll('?', '[\\s\\S]');
  return `${subject}.matches(${celText(`^${source}$`)})`;
}

function hasOf(path: string, operator: string, right: string, names: Names): Translated {
  const subject = names.json ? celPath(path.replace(/^\[BODY\]/, '')) : undefined;
  // CEL's has() asks for a member, not for an element or for the whole.
  if (subject === undefined || !/\.\w+$/.test(subject)) return unknown(`has(${path}) cannot be asked here`);
  return cel(`${(right === 'true') === (operator === '==') ? '' : '!'}has(${subject})`);
}

function lengthOf(path: string, operator: string, right: string, names: Names): Translated {
  if (path === '[BODY]' && names.answers !== undefined) return unknown('the length of an answer');
  const subject = subjectOf(path, names);
  if (subject === undefined || !/^\d+$/.test(right)) return unknown(`len(${path}) cannot be asked here`);
  // The length of the whole body is its characters, unless it is a list: then the expression is to be turned to json.
  return cel(`size(${subject}) ${operator} ${right}`);
}

function answersOf(answers: string, operator: string, right: string): Translated {
  const [, word, inside = ''] = /^(any|pat)\((.*)\)$/.exec(right) ?? [];
  if (operator !== '==' && operator !== '!=') return unknown('an answer has no order');
  const not = operator === '!=' ? '!' : '';
  if (word === 'pat') return cel(`${not}${answers}.exists(a, ${pattern('a', inside)})`);
  if (word === 'any') {
    const list = inside.split(',').map((one) => celText(one.trim()));
    return cel(`${not}${answers}.exists(a, a in [${list.join(', ')}])`);
  }
  return cel(not ? `!(${celText(right)} in ${answers})` : `${celText(right)} in ${answers}`);
}

const DAY_MS = 86_400_000;

function daysOf(certificate: string | undefined, operator: string, right: string): Translated {
  const ms = parseDuration(right);
  if (certificate === undefined || ms === undefined)
    return unknown('[CERTIFICATE_EXPIRATION] with a duration is what can be asked');
  const days = Number((ms / DAY_MS).toFixed(3));
  return cel(`${certificate} ${operator} ${Number.isInteger(days) ? `${days}.0` : days}`);
}
