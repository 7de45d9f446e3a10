import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {defineCheck, failed, ok, z} from 'vakhta/check';

/** Looks for last night's export: there, of today or yesterday, complete, and not much smaller than the one before. */
export default defineCheck({
  options: z.strictObject({
    folder: z.string(),
    prefix: z.string(),
    hours_max: z.number().positive().default(26),
    /** How much smaller than the one before it may be. */
    shrink_percent_max: z.number().min(0).max(100).default(50),
  }),
  async run({options: {folder, prefix, hours_max, shrink_percent_max}}) {
    const names = (await readdir(folder)).filter((name) => name.startsWith(prefix));
    const unfinished = names.find((name) => name.endsWith('.part'));
    const files = await Promise.all(
      names
        .filter((name) => !name.endsWith('.part'))
        .map(async (name) => {
          const {mtimeMs, size} = await stat(join(folder, name));
          return {name, mtimeMs, size};
        }),
    );
    const [newest, before] = files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    if (!newest)
      return failed(unfinished ? `only ${unfinished}: the export did not end` : `no file ${prefix}* in ${folder}`);
    const hours = (Date.now() - newest.mtimeMs) / 3_600_000;
    const values = {hours, bytes: newest.size};
    if (hours > hours_max) return failed(`${newest.name} is ${hours.toFixed(1)} hours old`, values);
    if (newest.size === 0) return failed(`${newest.name} is empty`, values);
    if (before && newest.size < before.size * (1 - shrink_percent_max / 100))
      return failed(`${newest.name} has ${newest.size} bytes, ${before.name} had ${before.size}`, values);
    return ok(values);
  },
});
