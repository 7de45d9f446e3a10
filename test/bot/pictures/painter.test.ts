import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {drawable, PALETTES, sheet, text, WIDTH} from '../../../src/bot/pictures/paint.ts';
import {createPainter, IDLE_MS} from '../../../src/bot/pictures/painter.ts';
import {encodePng} from '../../../src/bot/pictures/png.ts';
import {systemClock} from '../../../src/clock.ts';
import {createHandClock} from '../../support/hand-clock.ts';
import {decode} from './decode.ts';
import {glyphsOfFont} from './font.ts';

const HEADING = {title: 'billing-api', subtitle: 'shop-7', height: 300};

function start(context: TestContext, script?: URL) {
  const clock = createHandClock();
  const painter = createPainter({clock, ...(script && {script})});
  context.after(() => painter.close());
  return {clock, painter};
}

/** A painter's thread that does what the text says. */
function scriptOf(context: TestContext, body: string): URL {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-painter-'));
  context.after(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'worker.mjs');
  writeFileSync(file, `import {parentPort} from 'node:worker_threads';\n${body}`);
  return pathToFileURL(file);
}

describe('the painter', () => {
  test('makes a PNG of the size that the picture has, with letters in it', async (context) => {
    const {painter} = start(context);
    const painted = await painter.paint(
      sheet(PALETTES.light, HEADING, [text('ещё', {x: 40, y: 200, fill: '#000000'})]),
    );
    assert.ok('png' in painted);
    const picture = decode(painted.png);
    assert.deepEqual([picture.width, picture.height], [WIDTH, 300]);
    // Letters have shades at their edges; paper has one colour.
    assert.ok(picture.colours(40, 30, 200, 50) > 4, 'there is no title');
    assert.ok(picture.colours(40, 180, 60, 25) > 4, 'there are no Cyrillic letters');
    assert.equal(picture.colours(500, 30, 200, 200), 1);
    assert.equal(picture.at(1_000, 250), 0xffffff);
  });

  test('says what is wrong with a picture that cannot be drawn, and draws the next one', async (context) => {
    const {painter} = start(context);
    const refused = await painter.paint('<svg');
    assert.ok('failed' in refused && refused.failed.length > 0);
    assert.ok('png' in (await painter.paint(sheet(PALETTES.dark, HEADING, []))));
  });

  test('answers in words when its thread dies, and starts another one for the next picture', async (context) => {
    const script = scriptOf(context, "parentPort.on('message', () => { throw new Error('out of paint'); });");
    const {painter} = start(context, script);
    assert.deepEqual(await painter.paint('<svg/>'), {failed: 'out of paint'});
    assert.deepEqual(await painter.paint('<svg/>'), {failed: 'out of paint'});
  });

  test('gives up on a thread that hangs, and on a picture that nobody waits for any more', async (context) => {
    const {clock, painter} = start(context, scriptOf(context, "parentPort.on('message', () => {});"));
    const painting = painter.paint('<svg/>');
    await clock.advance(60_000);
    assert.match(JSON.stringify(await painting), /no answer within/);
    const stopping = new AbortController();
    const second = painter.paint('<svg/>', stopping.signal);
    stopping.abort(new Error('the program stops'));
    assert.match(JSON.stringify(await second), /the program stops/);
  });

  test('refuses what is too large, and more pictures at once than anybody waits for', async (context) => {
    const {painter} = start(context, scriptOf(context, "parentPort.on('message', () => {});"));
    assert.match(JSON.stringify(await painter.paint('x'.repeat(2_000_001))), /too large/);
    const waiting = Array.from({length: 8}, () => painter.paint('<svg/>'));
    assert.match(JSON.stringify(await painter.paint('<svg/>')), /8 pictures are waiting/);
    await painter.close();
    assert.deepEqual(new Set((await Promise.all(waiting)).map((painted) => JSON.stringify(painted))).size, 1);
  });

  test('lets its thread go when nobody asked for a while, and comes back', async (context) => {
    const counting =
      "let asked = 0;\nparentPort.on('message', ({id}) => parentPort.postMessage({id, png: new Uint8Array([++asked])}));";
    const {clock, painter} = start(context, scriptOf(context, counting));
    const ask = async () => {
      const painted = await painter.paint('<svg/>');
      return 'png' in painted && painted.png[0];
    };
    assert.deepEqual([await ask(), await ask()], [1, 2]);
    await clock.advance(IDLE_MS - 1);
    assert.equal(await ask(), 3);
    await clock.advance(IDLE_MS);
    assert.equal(await ask(), 1, 'the same thread was still there');
  });

  test('does not hold up the thread that asks', async (context) => {
    const painter = createPainter({clock: systemClock});
    context.after(() => painter.close());
    const before = process.threadCpuUsage();
    assert.ok('png' in (await painter.paint(sheet(PALETTES.light, HEADING, []))));
    const {user, system} = process.threadCpuUsage(before);
    // Starting a thread costs this one a few milliseconds; drawing would cost it a hundred.
    assert.ok(user + system < 60_000, `${(user + system) / 1_000} ms of this thread`);
  });
});

test('a picture of more colours than a palette holds loses shades, and no outlines', () => {
  const [width, height] = [64, 64];
  const pixels = new Uint8Array(width * height * 4).map(
    (_, index) => [(index >> 2) % 256, index >> 8, 0, 255][index % 4] ?? 0,
  );
  const picture = decode(encodePng(pixels, width, height));
  for (const [x, y] of [
    [0, 0],
    [63, 63],
    [10, 50],
  ] as const) {
    const exact = [(y * width + x) % 256, ((y * width + x) * 4) >> 8];
    const drawn = [picture.at(x, y) >> 16, (picture.at(x, y) >> 8) & 0xff];
    for (const [index, value] of drawn.entries()) assert.ok(Math.abs(value - (exact[index] ?? 0)) < 64);
  }
});

describe('letters', () => {
  const hasGlyph = glyphsOfFont();

  test('of which the font has none become a question mark, and all others are in the font', () => {
    assert.equal(drawable('касса 7 · Ñandú'), 'касса 7 · Ñandú');
    assert.equal(drawable('收银台-1 🖥'), '???-1 ?');
    for (let code = 0x20; code < 0x3000; code++) {
      const letter = String.fromCodePoint(code);
      if (drawable(letter) !== letter.normalize('NFC')) continue;
      for (const part of drawable(letter)) {
        assert.ok(hasGlyph(part.codePointAt(0) ?? 0), `U+${code.toString(16)} would be an empty box`);
      }
    }
  });
});
