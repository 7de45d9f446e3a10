import assert from 'node:assert/strict';
import {generateKeyPairSync} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import test, {after, describe} from 'node:test';
import {commands} from '../src/bot/commands/index.ts';
import {kinds} from '../src/checks/index.ts';
import {channelKeys} from '../src/config/channels.ts';
import {loadConfig} from '../src/config/load.ts';
import {formatProblem} from '../src/config/problems.ts';
import {createAuthority} from './checks/certificates.ts';
import {createLife} from './checks/servers.ts';
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
mkdirSync(join(folder, 'checks'));
const {privateKey: KEY} = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: {type: 'sec1', format: 'pem'},
  publicKeyEncoding: {type: 'spki', format: 'pem'},
});
const life = createLife();
after(() => life.end());
const authority = await createAuthority(life);
authority.selfSigned('tls');
const MODULE =
  "import {defineCheck, ok, z} from 'vakhta/check';\n" +
  'export default defineCheck({options: z.looseObject({}), run: async () => ok()});\n';

/** What docs/channels.md takes from the environment. */
const ENV = {
  SMTP_PASSWORD: 'correct horse',
  HOOK_URL: 'https://hooks.shop.example/vakhta',
  HOOK_SECRET: 'a secret of some length',
  HOOK_TOKEN: 'abcdef',
};

/** What the parts in docs/alerts.md speak of. */
const REST = `
telegram: {token: '1:abc', commands: false}
channels: {ops: {type: telegram, chat_id: -100}, lead: {type: console}}
time_intervals: [{name: stocktaking, time_intervals: [{days_of_month: [-1]}]}]
checks:
  billing-api: {type: socket, host: 192.0.2.17, port: 80, group: shops}
  till-1: {type: socket, host: 192.0.2.17, port: 81}
`;

function read(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

function yamlBlocks(page: string): string[] {
  return [...read(page).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
}

/** What the config loader says of this text; nothing, when all is well. The files that it names are there. */
function complaints(example: string): string[] {
  const text = example
    .replaceAll('file:/etc/vakhta/', 'file:')
    .replaceAll('/etc/vakhta/tls.', `${authority.folder}/tls.`);
  for (const [, secret = ''] of text.matchAll(/file:([\w-]+)/g)) {
    writeFileSync(join(folder, secret), secret.startsWith('id_') ? KEY : 'a-secret-of-many-characters\n');
  }
  for (const [, module = ''] of text.matchAll(/module: (checks\/[\w-]+\.ts)/g))
    writeFileSync(join(folder, module), MODULE);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(
    file,
    {
      ...ENV,
      ...(text.includes('TELEGRAM_BOT_TOKEN') && {TELEGRAM_BOT_TOKEN: '123456:ABC-DEF'}),
    },
    Date.now(),
  );
  return (loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem);
}

describe('every example of a config is taken without a complaint', () => {
  for (const page of ['README.md', 'docs/checks.md', 'docs/channels.md', 'docs/http.md', 'docs/recovery.md']) {
    const blocks = yamlBlocks(page);
    test(`${page} has examples`, () => assert.ok(blocks.length > 0));
    for (const [index, text] of blocks.entries()) {
      test(`${page}, example ${index + 1}`, () => assert.deepEqual(complaints(text), []));
    }
  }
  const parts = yamlBlocks('docs/alerts.md');
  test('docs/alerts.md has parts of one', () => assert.ok(parts.length > 0));
  for (const [index, text] of parts.entries()) {
    test(`docs/alerts.md, part ${index + 1}`, () => assert.deepEqual(complaints(text + REST), []));
  }
  for (const [index, text] of yamlBlocks('docs/logs.md').entries()) {
    test(`docs/logs.md, part ${index + 1}`, () => assert.deepEqual(complaints(text + REST), []));
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

test('every command of the chat and every kind of check is in the README', () => {
  const text = read('README.md');
  const missing = [...commands.map(({name}) => `\`/${name}`), ...kinds.keys()].filter((word) => !text.includes(word));
  assert.deepEqual(missing, []);
});

test('every key of a mail and of a webhook is explained', () => {
  const text = read('docs/channels.md');
  const keys = channelKeys.options.flatMap(({shape}) => Object.keys(shape));
  const explained = (key: string) => text.includes(`\`${key}\``) || read('README.md').includes(`${key}: `);
  assert.ok(keys.includes('subject_prefix') && keys.includes('secret'));
  assert.deepEqual(
    keys.filter((key) => !explained(key)),
    [],
  );
});

test('every reason for sending, holding or dropping has its row among the words', () => {
  const [, section = ''] = /\n## The words\n(.*?)\n## /s.exec(read('docs/alerts.md')) ?? [];
  const source = readFileSync(join(ROOT, 'src/state/vocabulary.ts'), 'utf8');
  const types = ['SendReason', 'HoldReason'].map(
    (type) => new RegExp(`export type ${type} =(.*?);`, 's').exec(source)?.[1] ?? '',
  );
  const words = [...types.join().matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
  assert.ok(words.includes('first') && words.includes('silenced'));
  assert.deepEqual(
    [...words, 'missed', 'acked'].filter((word) => !section.includes(`\`${word}\``)),
    [],
  );
});
