import type {Words} from '../en.ts';
import {theTime} from './moment.ts';

export const oncall: Words['oncall'] = {
  until: (mention, time) => `${mention}, hasta ${theTime(time)}`,
  calls: (mention) => `${mention}, está de guardia y nadie ha reconocido el fallo`,
  none: 'Aquí nadie está de guardia: los turnos se definen en oncall:, en config.yaml.',
  now: (rotation, name, time, next) => `${rotation}: ${name} hasta ${theTime(time)}, después ${next}`,
  inPlaceOf: (name, by) => `en lugar de ${name}, por orden de ${by}`,
  cannotWrite: (name) => `El bot no puede escribir a ${name}: tiene que pulsar «Iniciar» en un chat privado con él.`,
  whichPerson: (who) => `Ningún usuario se llama ${who}.`,
  whichRotation: (name) => `Ningún turno de guardia se llama ${name}.`,
  howLong: (name) => `¿Cuánto tiempo estará de guardia ${name}?`,
  atMost: (duration) => `Como máximo ${duration}.`,
  done: (rotation, mention, time) => `De guardia en ${rotation}: ${mention}, hasta ${theTime(time)}`,
  cleared: (rotation, mention, time) => `Vuelven los turnos de ${rotation}: ${mention}, hasta ${theTime(time)}`,
  nothingToClear: (rotation) => `En ${rotation} nadie sustituye a nadie.`,
};
