import assert from 'node:assert/strict';
import {test} from 'node:test';
import {compileExpectations, expectations} from '../../src/checks/expect.ts';

const variables = {status: 'int', headers: 'map<string, string>', body: 'string', json: 'dyn', latency_ms: 'double'};
const values = {
  status: 503n,
  headers: {'content-type': 'text/html', 'set-cookie': 'sid=s3cret'},
  body: 'Not yet',
  json: {queue: 250, ok: false, name: 'till', list: [1, 2, 3], version: 1.5, nothing: null},
  latency_ms: 12.34567,
};
const unmet = (...list: string[]) => compileExpectations(list, variables).unmet(values);

for (const [expression, reason] of [
  // Met.
  ['status == 503', undefined],
  ['latency_ms < 2000', undefined],
  ['latency_ms + 1 < 2000', undefined],
  ['1 + json.queue - 1 == 250', undefined],
  ['json.queue * 2 == 500 && json.queue / 2 == 125 && json.queue % 2 == 0', undefined],
  ['json.version < 2 && json.version > 1', undefined],
  ['double(status) / 2 > 1.0', undefined],
  ['status in [200, 503]', undefined],
  ['json.queue in [250]', undefined],
  ['has(json.queue) && !has(json.other)', undefined],
  ['json.list.all(n, n > 0) && size(json.list) == 3', undefined],
  ['headers["content-type"].startsWith("text/")', undefined],
  ['body.matches("^N.t")', undefined],
  ['json.nothing == null', undefined],
  // Not met: the reason names the expression and the value that it is about.
  ['json.queue < 100', 'json.queue < 100: it is 250'],
  ['json.queue + 1 < 100', 'json.queue + 1 < 100: it is 251'],
  ['status == 200', 'status == 200: it is 503'],
  ['200 == status', '200 == status: it is 503'],
  ['status in [200, 204]', 'status in [200, 204]: it is 503'],
  ['latency_ms < 10', 'latency_ms < 10: it is 12.346'],
  ['body.contains("OK")', 'body.contains("OK"): it is "Not yet"'],
  ['json.name == "desk"', 'json.name == "desk": it is "till"'],
  ['json.ok', 'json.ok: it is not so'],
  ['!(json.queue > 1)', '!(json.queue > 1): it is 250'],
  ['json.queue', 'json.queue: it is 250, neither true nor false'],
  // Of several conditions the one that fails is shown.
  ['status == 503 && json.queue < 100 && latency_ms < 10', 'json.queue < 100: it is 250'],
  // What headers hold is nobody's business.
  ['headers["set-cookie"] == ""', 'headers["set-cookie"] == "": it is not so'],
  // Errors while it is evaluated.
  ['json.length < 100', 'json.length < 100: no such key: length'],
  ['json.a.b.c < 100', 'json.a.b.c < 100: no such key: a'],
  ['json.list[7] == 1', 'json.list[7] == 1: index out of bounds, index 7 >= size 3'],
  ['json.name < 3', 'json.name < 3: string < int has no meaning'],
] as const) {
  test(`${expression} gives ${reason ?? 'no complaint'}`, () => {
    assert.equal(unmet(expression), reason);
  });
}

test('the first expectation that is not met is the one reported', () => {
  assert.equal(unmet('status == 503', 'json.queue < 3', 'status == 1'), 'json.queue < 3: it is 250');
});

test('a long value is cut, and its control characters are escaped', () => {
  const {unmet} = compileExpectations(['body == "OK"'], variables);
  const reason = unmet({...values, body: `\n${'x'.repeat(1_000)}`}) ?? '';
  assert.match(reason, /^body == "OK": it is "\\nx{59}…"$/);
});

test('the variables in use are known, so that others need not be computed', () => {
  const {uses} = compileExpectations(['status == 200', 'json.list.all(body, body > 1.0)'], variables);
  assert.ok(uses.has('status') && uses.has('json'));
  assert.ok(!uses.has('headers'));
});

for (const [expression, complaint] of [
  ['statsu == 200', /; unknown variable: statsu/],
  ['status == "200"', /; no such overload: int == string/],
  ['status ==', /it ends too early/],
  ['status', /; it gives int: write a comparison/],
  ['body', /; it gives string/],
  ['"a" in body', /write text.contains\("part"\)/],
  ['body.matches("(")', /; the pattern of matches\(\) is not a regular expression/],
  ['headers.x == 1', /no such overload: string == int/],
  ['', /; it ends too early/],
] as const) {
  test(`the config refuses ${expression || 'an empty expectation'} with its place, its text and the names there are`, () => {
    const {error} = expectations(variables).safeParse(['status == 200', expression]);
    const [issue, ...others] = error?.issues ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual(issue?.path, [1]);
    assert.match(issue?.message ?? '', complaint);
    assert.match(
      issue?.message ?? '',
      /status \(int\), headers \(map<string, string>\), body \(string\), json \(dyn\)/,
    );
  });
}

test('expectations that are sound pass as they are', () => {
  const list = ['status == 200', 'json.ok', 'json.queue < 100', 'latency_ms < 2000'];
  assert.deepEqual(expectations(variables).parse(list), list);
});
