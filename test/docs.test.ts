import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import test, {after, describe} from 'node:test';
import {loadConfig} from '../src/config/load.ts';
import {formatProblem} from '../src/config/problems.ts';
import {MAY_IMPORT} from './support/tidy-rules.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

const folder = mkdtempSync(join(tmpdir(), 'vakhta-docs-'));
after(() => rmSync(folder, {recursive: true}));
writeFileSync(join(folder, 'ips.txt'), '192.0.2.17 till 4\n');

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

function yamlBlocks(page: string): string[] {
  return [...read(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
}

/** What the config loader says of this text; nothing, when all is well. */
function complaints(text: string): string[] {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(file, text.includes('TELEGRAM_BOT_TOKEN') ? {TELEGRAM_BOT_TOKEN: '123456:ABC-DEF'} : {});
  return (loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem);
}

describe('every example of a config is taken without a complaint', () => {
  for (const page of ['README.md', 'docs/checks.md']) {
    const blocks = yamlBlocks(page);
    test(`${page} has examples`, () => assert.ok(blocks.length > 0));
    for (const [index, text] of blocks.entries()) {
      test(`${page}, example ${index + 1}`, () => assert.deepEqual(complaints(text), []));
    }
  }
  test('the part of config.yaml that is commented out', () => {
    const [, offered = ''] = /^# (telegram:.*?)^\n/ms.exec(read('config.yaml')) ?? [];
    const checks = 'checks:\n  till: {type: socket, host: 192.0.2.17, port: 80}\n';
    assert.match(offered, /time_intervals/);
    assert.deepEqual(complaints(offered.replaceAll(/^# ?/gm, '') + checks), []);
  });
  test('an example with a mistake would be noticed', () => {
    assert.match(complaints('checks: {till: {type: sockt}}\n').join('\n'), /did you mean socket/);
  });
});

test('every relative link and picture leads to a file', () => {
  const missing = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
      .map(([, link, picture]) => (link ?? picture ?? '').replace(/#.*/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  assert.deepEqual(missing, []);
});

test('the import table of the architecture says what the tidy rules check', () => {
  const [, section = ''] = /## Who may import whom\n(.*?)\n## /s.exec(read('docs/architecture.md')) ?? [];
  const rows = [...section.matchAll(/^\| ([\w]+) \| ([^|]+) \|/gm)].slice(1);
  const written = rows.map(([, part = '', may = '']): [string, string[]] => [part, namesIn(may.trim())]);
  const checked = Object.entries(MAY_IMPORT).map(([part, may]) => [part, [...may]]);
  assert.deepEqual(Object.fromEntries(written), Object.fromEntries(checked));
});

function namesIn(may: string): string[] {
  if (may === '–') return [];
  return may === 'everything' ? ['*'] : may.split(', ');
}

test('the folders and files of src/ are all in the picture of the house', () => {
  const [, house = ''] = /## The house\n+```\n(.*?)^```$/ms.exec(read('docs/architecture.md')) ?? [];
  const missing = readdirSync(join(ROOT, 'src')).filter((name) => !new RegExp(`^ .*\\b${name}`, 'm').test(house));
  assert.deepEqual(missing, []);
});
