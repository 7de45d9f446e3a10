import assert from 'node:assert/strict';
import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {LOG_MODULES} from '../../src/config/logging.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/logs.md'), 'utf8');

/** Calls whose words are not in the source: a check of one's own speaks, or the kinds of event that the engine has. */
const SPOKEN_ELSEWHERE = ['src/checks/index.ts: text', 'src/pipeline.ts: event.kind'];
const CALL = /\b(?:log|use\.log|#log)(?:\[[^\]]+\]|\??\.(?:trace|debug|info|warn|error|fatal))\(/g;

/** The inside of the parentheses that open before `from`. */
function argumentsAt(text: string, from: number): string {
  let depth = 1;
  let end = from;
  for (; depth > 0 && end < text.length; end++) {
    if (text[end] === '(') depth++;
    if (text[end] === ')') depth--;
  }
  return text.slice(from, end - 1);
}

/** What a call says: a literal, a named constant, or its last argument as it is written. */
function saidBy(call: string, text: string): string {
  const literal = /'([^'\n]*)',?\s*$/.exec(call)?.[1];
  if (literal !== undefined) return literal;
  const last = /([\w.#]+),?\s*$/.exec(call)?.[1] ?? call;
  if (!/^[A-Z_]+$/.test(last)) return last;
  return new RegExp(`\\b${last} =\\s+'([^']*)'`).exec(text)?.[1] ?? last;
}

function said(): Map<string, string> {
  const found = new Map<string, string>();
  const files = globSync('src/**/*.ts', {cwd: ROOT});
  const texts = files.map((file) => readFileSync(join(ROOT, file), 'utf8'));
  const everything = texts.join('\n');
  for (const [index, file] of files.entries()) {
    const text = texts[index] ?? '';
    for (const match of text.matchAll(CALL)) {
      const words = saidBy(argumentsAt(text, match.index + match[0].length), everything);
      if (!SPOKEN_ELSEWHERE.includes(`${file}: ${words}`)) found.set(words, file);
    }
  }
  for (const kind of kindsThatCountingFinds()) found.set(kind, 'src/state/vocabulary.ts');
  return found;
}

/** The kinds of event that come of a run; those that come of an order are logged as one. */
function kindsThatCountingFinds(): string[] {
  const [vocabulary = '', ...counting] = ['vocabulary', 'engine', 'turn'].map((name) =>
    readFileSync(join(ROOT, `src/state/${name}.ts`), 'utf8'),
  );
  const type = /export type Event =(.*?);\n\n/s.exec(vocabulary)?.[1] ?? '';
  const kinds = [...type.matchAll(/kind: '(\w+)'/g)].map(([, kind = '']) => kind);
  return kinds.filter((kind) => counting.join().includes(`'${kind}'`));
}

/** The first column of every table whose head is `msg`. */
function documented(): string[] {
  const tables = [...PAGE.matchAll(/^\| `msg` \| \|\n\|---\|---\|\n((?:\|.*\n)*)/gm)].map(([, rows = '']) => rows);
  const cells = tables.flatMap((rows) => rows.split('\n').map((row) => row.split('|')[1] ?? ''));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

test('every message of the log is in docs/logs.md, and nothing else is', () => {
  const source = said();
  assert.ok(source.size > 25, [...source.keys()].join(', '));
  const missing = [...source].filter(([words]) => !documented().includes(words));
  assert.deepEqual(missing, []);
  assert.deepEqual(
    documented().filter((words) => !source.has(words)),
    [],
  );
});

test('the parts of the program that log are all in docs/logs.md', () => {
  assert.deepEqual(
    LOG_MODULES.filter((module) => !PAGE.includes(`\`${module}\``)),
    [],
  );
});
