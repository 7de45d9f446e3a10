import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseOutput, valueName} from '../../src/checks/plugin-output.ts';
import {alerts, parseRange} from '../../src/checks/plugin-range.ts';
import {splitCommand} from '../../src/checks/plugin-words.ts';

const OUTPUTS: readonly [
  what: string,
  output: string,
  text: string,
  perfdata: readonly (readonly [string, number, string])[],
][] = [
  ['text alone', 'PING OK', 'PING OK', []],
  ['nothing', '', '', []],
  ['text and perfdata', 'OK |time=0.5s;1;2;0;10', 'OK', [['time', 0.5, 's']]],
  ['an empty text', '|a=1', '', [['a', 1, '']]],
  [
    'several values',
    'OK | a=1 b=2%  c=3c',
    'OK',
    [
      ['a', 1, ''],
      ['b', 2, '%'],
      ['c', 3, 'c'],
    ],
  ],
  [
    'trailing semicolons dropped',
    'OK | a=1;;;; b=2;',
    'OK',
    [
      ['a', 1, ''],
      ['b', 2, ''],
    ],
  ],
  ['a quoted label with a blank', "OK | 'a b'=1", 'OK', [['a b', 1, '']]],
  ['a quote inside a label', "OK | 'it''s'=1", 'OK', [["it's", 1, '']]],
  ['an equals sign in a label', "OK | 'a=b'=1 c=d=2 e=3", 'OK', [['e', 3, '']]],
  [
    'every unit',
    'OK | a=1s b=1ms c=1us d=1% e=1B f=1KB g=1MB h=1TB i=1c',
    'OK',
    [
      ['a', 1, 's'],
      ['b', 1, 'ms'],
      ['c', 1, 'us'],
      ['d', 1, '%'],
      ['e', 1, 'B'],
      ['f', 1, 'KB'],
      ['g', 1, 'MB'],
      ['h', 1, 'TB'],
      ['i', 1, 'c'],
    ],
  ],
  [
    'a unit that plugins made up',
    'OK | a=1GB b=2ns',
    'OK',
    [
      ['a', 1, 'GB'],
      ['b', 2, 'ns'],
    ],
  ],
  ['a value that could not be determined', 'OK | a=U;1;2 b=1', 'OK', [['b', 1, '']]],
  ['a decimal comma', 'OK | a=1,5s b=1', 'OK', [['b', 1, '']]],
  ['infinity and no number', 'OK | a=inf b=nan c= d=1', 'OK', [['d', 1, '']]],
  [
    'a negative number, and no digit before the point',
    'OK | a=-1.5 b=.5',
    'OK',
    [
      ['a', -1.5, ''],
      ['b', 0.5, ''],
    ],
  ],
  ['words that are no perfdata', 'OK | hello a=1 world', 'OK', [['a', 1, '']]],
  ['a quote that does not end', "OK | 'a=1 b=2", 'OK', [['b', 2, '']]],
  ['long text without perfdata', 'OK | a=1\nlong\ntext', 'OK', [['a', 1, '']]],
  [
    'long text, then perfdata to the end',
    'OK | a=1\nlong\ntext | b=2\nc=3\nd=4',
    'OK',
    [
      ['a', 1, ''],
      ['b', 2, ''],
      ['c', 3, ''],
      ['d', 4, ''],
    ],
  ],
  [
    'Windows line ends',
    'OK | a=1\r\nlong | b=2\r\n',
    'OK',
    [
      ['a', 1, ''],
      ['b', 2, ''],
    ],
  ],
];

for (const [what, output, text, perfdata] of OUTPUTS) {
  test(`a plugin's output with ${what} is read by the guidelines`, () => {
    const read = parseOutput(output);
    assert.equal(read.text, text);
    assert.deepEqual(
      read.perfdata.map(({label, value, unit}) => [label, value, unit]),
      perfdata,
    );
  });
}

test('perfdata of a mad plugin is cut after 200 values', () => {
  const many = Array.from({length: 500}, (_, index) => `v${index}=${index}`).join(' ');
  assert.equal(parseOutput(`OK | ${many}`).perfdata.length, 200);
});

test('a label becomes the name of a value', () => {
  const rows = [
    ['/var/log', '/var/log'],
    ['C:\\ %', 'C:_%'],
    ['a  b', 'a_b'],
    ['память', 'память'],
    ['x'.repeat(80), 'x'.repeat(64)],
  ];
  for (const [label, name] of rows) assert.equal(valueName(label ?? ''), name);
});

const RANGES: readonly [range: string, alerting: readonly number[], quiet: readonly number[]][] = [
  ['10', [-1, 10.1], [0, 5, 10]],
  ['10:', [9.9, -5], [10, 1e9]],
  ['~:10', [10.1], [10, -1e9]],
  ['10:20', [9, 21], [10, 15, 20]],
  ['@10:20', [10, 15, 20], [9, 21]],
  ['@10', [0, 10], [-1, 11]],
  [':10', [-1, 11], [0, 10]],
  ['-20:-10', [-21, -9], [-20, -10]],
  ['0', [1, -1], [0]],
  ['0.5:.75', [0.4, 0.8], [0.5, 0.75]],
];

for (const [text, alerting, quiet] of RANGES) {
  test(`the range ${text} alerts where the guidelines say`, () => {
    const range = parseRange(text);
    if ('problem' in range) assert.fail(range.problem);
    for (const value of alerting) assert.ok(alerts(range, value), `${value} alerts`);
    for (const value of quiet) assert.ok(!alerts(range, value), `${value} does not`);
  });
}

test('what is no range is refused, with the cure', () => {
  for (const text of ['', '@', 'ten', '1,5', '1:2:3', '10:~', '~', '5 : 6']) {
    assert.deepEqual(parseRange(text), {problem: 'expected a range such as 10, 10:, ~:10, 10:20 or @10:20'}, text);
  }
  assert.match(JSON.stringify(parseRange('20:10')), /starts below its end; 20:10 ends before it starts/);
  assert.match(JSON.stringify(parseRange('-5')), /without a start it is 0, so write ~:-5/);
});

test('a command is divided into words without a shell', () => {
  const rows: readonly [string, readonly string[]][] = [
    ['check_x  -w 1', ['check_x', '-w', '1']],
    [` a 'b c' "d e" f\\ g `, ['a', 'b c', 'd e', 'f g']],
    [`a ''`, ['a', '']],
    [`a "x\\"y\\\\z\\n" '\\'`, ['a', 'x"y\\z\\n', '\\']],
    [`a --x='1 2'3`, ['a', '--x=1 23']],
    ['a $HOME * ~', ['a', '$HOME', '*', '~']],
    [`a '|' "&"`, ['a', '|', '&']],
    ['a\n b\tc', ['a', 'b', 'c']],
  ];
  for (const [text, words] of rows) assert.deepEqual(splitCommand(text), {words});
});

test('what needs a shell, or does not end, is refused', () => {
  for (const text of ['a | b', 'a > b', 'a && b', 'a; b', `a 'b`, 'a "b', '', '  ', `''`]) {
    assert.ok('problem' in splitCommand(text), text);
  }
});
