import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createBuckets, networkOf} from '../../src/http/buckets.ts';
import {createHandClock} from '../support/hand-clock.ts';

test('an address has so many at once, and gains more with time, up to as many', async () => {
  const clock = createHandClock();
  const buckets = createBuckets({capacity: 3, perSecond: 1, clock});
  const takes = () => Array.from({length: 5}, () => buckets.take('192.0.2.1'));
  assert.deepEqual(takes(), [true, true, true, false, false]);
  assert.equal(buckets.has('192.0.2.1'), false);
  assert.equal(buckets.has('192.0.2.2'), true);
  await clock.advance(2_000);
  assert.equal(buckets.has('192.0.2.1'), true);
  assert.deepEqual(takes(), [true, true, false, false, false]);
  await clock.advance(3_600_000);
  assert.deepEqual(takes(), [true, true, true, false, false]);
});

test('a million addresses do not fill the memory', () => {
  const buckets = createBuckets({capacity: 1, perSecond: 1, clock: createHandClock()});
  for (let i = 0; i < 50_000; i++) buckets.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  assert.ok(buckets.size() <= 10_000);
});

test('a network of IPv6 is one address, and an address of IPv4 is the same in both forms', () => {
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::99'));
  assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0');
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
});
