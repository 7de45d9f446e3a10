/** Where in its interval a job runs, by its name: in [0, intervalMs). So phases are spread evenly and survive a restart. */
export function phaseOf(name: string, intervalMs: number): number {
  return fraction(name) * intervalMs;
}

/** FNV-1a of the name, finished by murmur3's mixer: without it similar names get similar phases. In [0, 1). */
function fraction(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
