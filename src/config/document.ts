import {isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type Scalar, type YAMLMap} from 'yaml';
import {type DocumentIssue, type Place, start, syntaxIssues} from './syntax.ts';

/** What a YAML text says, as plain maps, lists and scalars, and where each of them stands. */
export interface ParsedText {
  /** False where the syntax is broken: the tree is then a guess, and only `issues` is worth showing. */
  readonly whole: boolean;
  readonly tree: unknown;
  readonly issues: readonly DocumentIssue[];
  /** Where the value (or the key) at a path stands; of what is missing, the map that it should be in. */
  locate(path: readonly PropertyKey[], part?: 'key' | 'value'): Place;
}

/** What becomes of a string value: the text with its variables filled in, or why they cannot be. */
export type ReadScalar = (
  text: string,
  path: readonly PropertyKey[],
) => {readonly value: unknown} | {readonly problem: string};

/** More nodes than 20,000 generous checks have; what goes beyond is an alias that multiplies itself. */
const NODES_MAX = 2_000_000;

/** Reads one YAML document. Never throws; duplicate keys are sought here, as the yaml package takes O(n²) for them. */
export function parseText(text: string, readScalar: ReadScalar): ParsedText {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const {line, col} = lines.linePos(Math.min(offset, text.length));
    return line > 0 ? {line, col} : {line: 1, col: 1};
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      resolveKnownTags: false,
      logLevel: 'error',
    });
    const syntax = syntaxIssues(document, text, placeOf);
    const walk = new Walk(readScalar, placeOf);
    const tree = syntax.length > 0 ? undefined : walk.value(document.contents);
    const locate = (path: readonly PropertyKey[], part: 'key' | 'value' = 'value') =>
      placeOf(walk.offset(document.contents, path, part));
    return {whole: syntax.length === 0 && !walk.gaveUp, tree, issues: [...syntax, ...walk.issues], locate};
  } catch (error) {
    const message = `expected YAML, found what its parser gives up on (${error instanceof Error ? error.name : 'error'}); is something nested too deeply?`;
    const place = {line: 1, col: 1};
    return {whole: false, tree: undefined, issues: [{path: [], message, place}], locate: () => place};
  }
}

/** One pass over the nodes. A class for its mutable state: the path it is at, the anchors it has met. */
class Walk {
  readonly issues: DocumentIssue[] = [];
  gaveUp = false;
  readonly #readScalar: ReadScalar;
  readonly #placeOf: (offset: number) => Place;
  readonly #path: PropertyKey[] = [];
  readonly #anchors = new Map<string, unknown>();
  readonly #open = new Set<unknown>();
  readonly #indexes = new Map<YAMLMap, ReadonlyMap<string | undefined, Pair>>();
  #nodes = 0;

  constructor(readScalar: ReadScalar, placeOf: (offset: number) => Place) {
    this.#readScalar = readScalar;
    this.#placeOf = placeOf;
  }

  value(node: unknown): unknown {
    if (this.gaveUp) return undefined;
    if (++this.#nodes > NODES_MAX) {
      this.gaveUp = true;
      return this.#issue(node, `expected at most ${NODES_MAX} values, found more; an alias (*) multiplies others`);
    }
    if (isAlias(node)) return this.#alias(node, node.source);
    const anchor = anchorOf(node);
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (isScalar(node)) return this.#scalar(node);
    this.#open.add(node);
    const value = isMap(node) ? this.#map(node.items) : isSeq(node) ? this.#list(node.items) : null;
    this.#open.delete(node);
    return value;
  }

  #alias(node: unknown, name: string): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined)
      return this.#issue(node, 'expected an alias (*name) of an anchor (&name) above; put quotes round a text with *');
    if (this.#open.has(target)) return this.#issue(node, 'expected an alias of something else, found one of itself');
    return this.value(target);
  }

  #scalar(node: Scalar): unknown {
    if (typeof node.value !== 'string') return node.value;
    const read = this.#readScalar(node.value, this.#path);
    return 'problem' in read ? this.#issue(node, read.problem) : read.value;
  }

  #list(items: readonly unknown[]): unknown[] {
    return items.map((item, index) => this.#at(index, () => this.value(item)));
  }

  #map(items: readonly Pair[]): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const lines = new Map<string, number>();
    for (const {key, value} of items) {
      const name = keyName(key);
      if (name === undefined || name === '__proto__') {
        this.#issue(key, 'expected a simple name before the colon; put quotes round it if it has special characters');
        continue;
      }
      const first = lines.get(name);
      this.#at(name, () => {
        if (first !== undefined) this.#issue(key, `expected this key once, found it on line ${first} too; remove one`);
        else result[name] = this.value(value);
      });
      if (first === undefined) lines.set(name, this.#placeOf(start(key)).line);
    }
    return '<<' in result ? this.#merge(result) : result;
  }

  /** `<<: *base` puts the keys of another map under this one's own. */
  #merge({'<<': base, ...own}: Record<string, unknown>): Record<string, unknown> {
    const bases = (Array.isArray(base) ? base : [base]).filter((one) => typeof one === 'object' && one !== null);
    return Object.assign({}, ...bases.reverse(), own);
  }

  #at<T>(part: PropertyKey, run: () => T): T {
    this.#path.push(part);
    const result = run();
    this.#path.pop();
    return result;
  }

  #issue(node: unknown, message: string): undefined {
    this.issues.push({path: [...this.#path], message, place: this.#placeOf(start(node))});
  }

  offset(node: unknown, path: readonly PropertyKey[], part: 'key' | 'value'): number {
    const here = isAlias(node) ? this.#anchors.get(node.source) : node;
    const [next, ...rest] = path;
    if (next === undefined) return start(node);
    if (isSeq(here) && typeof next === 'number' && next in here.items) return this.offset(here.items[next], rest, part);
    if (!isMap(here)) return start(here ?? node);
    const pair = this.#pair(here, next) ?? this.#mergedPair(here, next);
    if (!pair) return start(here);
    if (rest.length === 0 && part === 'key') return start(pair.key);
    return pair.value ? this.offset(pair.value, rest, part) : start(pair.key);
  }

  /** By an index of the map's names, as thousands of problems may stand in one map. */
  #pair(map: YAMLMap, name: PropertyKey): Pair | undefined {
    const index = this.#indexes.get(map) ?? new Map(map.items.toReversed().map((pair) => [keyName(pair.key), pair]));
    this.#indexes.set(map, index);
    return index.get(String(name));
  }

  #mergedPair(map: YAMLMap, name: PropertyKey): Pair | undefined {
    const base = this.#pair(map, '<<')?.value;
    for (const one of isSeq(base) ? base.items : [base]) {
      const under = isAlias(one) ? this.#anchors.get(one.source) : one;
      const found = isMap(under) ? this.#pair(under, name) : undefined;
      if (found) return found;
    }
    return undefined;
  }
}

const anchorOf = (node: unknown): string | undefined =>
  typeof node === 'object' && node !== null && 'anchor' in node && typeof node.anchor === 'string'
    ? node.anchor
    : undefined;

/** Numbers as they are written: `111` as a key is the text 111. */
function keyName(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}
