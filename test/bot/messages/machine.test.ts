import assert from 'node:assert/strict';
import {isIP} from 'node:net';
import os from 'node:os';
import {test} from 'node:test';
import {readMachine, systemLines} from '../../../src/bot/messages/machine.ts';
import {machine, readerOf} from '../world.ts';

test('this machine is told by its address, its system, its uptime and its load', () => {
  const {address, os: name, uptimeMs, load} = readMachine();
  assert.ok(address === '' || isIP(address) > 0, address);
  assert.ok(!address.startsWith('127.'));
  assert.match(name, new RegExp(os.type()));
  assert.ok(uptimeMs > 0);
  assert.equal(load.length, 3);
});

test('the block names each of them on a line of its own, with nothing that could be markup', () => {
  const lines = systemLines({...machine(), os: 'Odd <b>OS</b>'}, readerOf());
  assert.deepEqual(lines, [
    '<b>System info</b>',
    'Server: shop-7',
    'Address: 192.0.2.7',
    'OS: Odd &lt;b&gt;OS&lt;/b&gt;',
    'Uptime: 12d',
    'Load (1, 5, 15 min): 0.50 · 0.25 · 0.13',
  ]);
});

test('a machine without an address says nothing of it', () => {
  assert.ok(!systemLines({...machine(), address: ''}, readerOf()).some((line) => line.startsWith('Address')));
});
