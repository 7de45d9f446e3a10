import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {parseAddresses} from '../../src/checks/addresses.ts';

const addressesOf = (text: string) => parseAddresses(text).targets.map(({address}) => address);
const problemsOf = (text: string) => parseAddresses(text).problems;

test('addresses, names, labels and comments are read', () => {
  const text = [
    '# tills of the north',
    '10.0.0.1',
    '10.0.0.2   Till 2, by the door  # mends itself',
    '  2001:DB8:0:0::1\tSafe #3',
    'Till-7.shop.example',
    '',
    '   # nothing here',
    '10.0.0.3 # no label',
    'fe80::1%eth0',
  ].join('\n');
  assert.deepEqual(parseAddresses(text), {
    targets: [
      {address: '10.0.0.1'},
      {address: '10.0.0.2', label: 'Till 2, by the door'},
      {address: '2001:db8::1', label: 'Safe'},
      {address: 'till-7.shop.example'},
      {address: '10.0.0.3'},
      {address: 'fe80::1%eth0'},
    ],
    problems: [],
  });
});

test('a byte order mark, CRLF, and a missing last line end are accepted', () => {
  assert.deepEqual(parseAddresses('\ufeff10.0.0.1 Till\r\n\r\n10.0.0.2'), {
    targets: [{address: '10.0.0.1', label: 'Till'}, {address: '10.0.0.2'}],
    problems: [],
  });
  assert.deepEqual(parseAddresses(''), {targets: [], problems: []});
});

test('a network stands for the addresses of its hosts', () => {
  assert.deepEqual(addressesOf('10.0.0.0/30'), ['10.0.0.1', '10.0.0.2']);
  assert.deepEqual(addressesOf('10.0.0.0/31'), ['10.0.0.0', '10.0.0.1']);
  assert.deepEqual(addressesOf('10.0.0.7/32'), ['10.0.0.7']);
  assert.equal(addressesOf('10.0.0.0/22').length, 1_022);
  assert.equal(addressesOf('10.0.0.0/22').at(-1), '10.0.3.254');
  assert.deepEqual(addressesOf('2001:db8::8/126'), ['2001:db8::8', '2001:db8::9', '2001:db8::a', '2001:db8::b']);
  assert.equal(addressesOf('2001:db8::/118').length, 1_024);
  assert.equal(addressesOf('2001:db8::/118').at(-1), '2001:db8::3ff');
  assert.deepEqual(addressesOf('::ffff:10.0.0.2/127'), ['::ffff:10.0.0.2', '::ffff:10.0.0.3']);
});

test('the label of a network is the label of each of its addresses', () => {
  assert.deepEqual(parseAddresses('10.0.0.0/31 North').targets, [
    {address: '10.0.0.0', label: 'North'},
    {address: '10.0.0.1', label: 'North'},
  ]);
});

for (const [text, message] of [
  ['10.0.0.256', /expected an IPv4 .* got "10.0.0.256"; an IPv4 address is four numbers from 0 to 255/],
  ['10.0.0.01', /without leading zeros/],
  ['10.0.0', /four numbers/],
  ['10.0.0.1:80', /a port does not belong here/],
  ['2001:db8::1::2', /IPv6/],
  ['till_1.5', /a name does not end in a number/],
  ['till,7', /a name has letters, digits, hyphens and dots/],
  ['-till', /a name has letters/],
  ['касса.рф', /write xn--/],
  ['10.0.0.5/24', /write 10.0.0.0\/24 for the network, or 10.0.0.5 for the one address/],
  ['10.0.0.0/21', /expected a network from \/22 to \/32, got "10.0.0.0\/21".*more than 1,024/],
  ['2001:db8::/64', /from \/118 to \/128/],
  ['10.0.0.0/33', /expected a number from 0 to 32 after the \//],
  ['10.0.0.0/x', /expected a number from 0 to 32/],
  ['till/24', /write the network's first address before the \//],
] as const) {
  test(`"${text}" is refused with what was expected, what was found and how to mend it`, () => {
    const {targets, problems} = parseAddresses(`# list\n  ${text} label\n`);
    assert.deepEqual(targets, []);
    assert.equal(problems.length, 1);
    assert.deepEqual([problems[0]?.line, problems[0]?.col], [2, 3]);
    assert.match(problems[0]?.message ?? '', message);
  });
}

test('an address that is there twice, however it is written, names its first line', () => {
  assert.match(problemsOf('10.0.0.1\n\n10.0.0.1 again')[0]?.message ?? '', /10.0.0.1 again: it is on line 1 already/);
  assert.match(problemsOf('2001:db8::1\n2001:DB8:0::1')[0]?.message ?? '', /on line 1/);
  assert.match(problemsOf('Till.example\ntill.EXAMPLE')[0]?.message ?? '', /on line 1/);
  assert.deepEqual(
    problemsOf('10.0.0.5\n10.0.0.0/24').map(({line}) => line),
    [2],
  );
});

test('10,000 lines with one typo give one problem at its place, and quickly', () => {
  const lines = Array.from({length: 10_000}, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255} Terminal ${i}`);
  lines[7_311] = '10.0.28.1433 Terminal 7311';
  const began = performance.now();
  const {targets, problems} = parseAddresses(lines.join('\n'));
  const tookMs = performance.now() - began;
  assert.equal(targets.length, 9_999);
  assert.deepEqual(
    problems.map(({line, col}) => [line, col]),
    [[7_312, 1]],
  );
  assert.ok(tookMs < 500, `took ${tookMs} ms`);
});

test('a line of a megabyte is a problem that does not repeat it', () => {
  const {targets, problems} = parseAddresses(`10.0.0.1\n${'9'.repeat(1_000_000)}\n10.0.0.2`);
  assert.deepEqual(
    targets.map(({address}) => address),
    ['10.0.0.1', '10.0.0.2'],
  );
  assert.equal(problems.length, 1);
  assert.match(
    problems[0]?.message ?? '',
    /got a line of 1000000 characters, "9{40}…"; put each address on its own line/,
  );
  assert.ok((problems[0]?.message.length ?? 1_000) < 200);
});

test('binary data is a problem with its place and an escaped excerpt', () => {
  const bytes = Buffer.from([0x31, 0x30, 0x0a, 0x31, 0x00, 0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a]);
  const [, problem] = problemsOf(bytes.toString());
  assert.deepEqual([problem?.line, problem?.col], [2, 2]);
  assert.match(problem?.message ?? '', /got binary data "\\u0000/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
  assert.doesNotMatch(problem?.message ?? '', /[\u0000-\u001f]/);
});

test('a file of the wrong sort gives a few problems, not one for each line', () => {
  const problems = problemsOf(Array.from({length: 100_000}, () => '\u0001\u0002').join('\n'));
  assert.ok(problems.length < 60);
  assert.match(problems.at(-1)?.message ?? '', /is it the right file/);
});

test('a list of more than 100,000 addresses is refused, and no more than that are kept', () => {
  const text = Array.from({length: 100}, (_, i) => `10.${i}.0.0/22`).join('\n');
  const {targets, problems} = parseAddresses(text);
  assert.equal(targets.length, 100_000);
  assert.match(problems[0]?.message ?? '', /at most 100,000 addresses, got more; split the list/);
});

test('any text at all gives targets or problems, in order and within bounds', () => {
  const line = fc.oneof(
    fc.string({unit: 'binary'}),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.domain(),
    fc.ipV6().map((ip) => `${ip}/126 x`),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const {targets, problems} = parseAddresses(lines.join('\n'));
      assert.equal(new Set(targets.map(({address}) => address)).size, targets.length);
      for (const {line, col, message} of problems) assert.ok(line >= 1 && col >= 1 && message.length < 300);
      // Whatever comes out is accepted as it is, and comes out again.
      const again = parseAddresses(targets.map(({address}) => address).join('\n'));
      assert.deepEqual(again, {targets: targets.map(({address}) => ({address})), problems: []});
    }),
  );
});
