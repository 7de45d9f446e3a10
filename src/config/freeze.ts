/** Freezes plain objects, arrays and maps all the way down. Instances of classes are left alone: they have inner state. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) return freezeMap(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** Object.freeze does not stop `set`, so the map's own methods do. */
function freezeMap<T extends Map<unknown, unknown>>(map: T): T {
  for (const inner of map.values()) deepFreeze(inner);
  for (const method of ['set', 'delete', 'clear']) Object.defineProperty(map, method, {value: refuse});
  return Object.freeze(map);
}

function refuse(): never {
  throw new TypeError('the configuration cannot be changed');
}
