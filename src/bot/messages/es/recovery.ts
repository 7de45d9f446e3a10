import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {atTime} from './moment.ts';

const {count, number} = numbersIn('es');

export const attempt: Words['attempt'] = {
  title: (attempt, of) => `Recuperación, intento ${number(attempt)} de ${number(of)}`,
  orderedBy: (name) => `por orden de ${name}`,
  running: 'en curso',
  exited: (code, duration) => `código de salida ${code} tras ${duration}`,
  ended: (signal, duration) => `terminado por ${signal} tras ${duration}`,
  timedOut: (duration) => `detenido por tiempo tras ${duration}`,
  notStarted: (reason) => `no llegó a empezar: ${reason}`,
  unknown: (reason) => `resultado desconocido: ${reason}`,
  dryRun: 'no se ejecutó: dry_run está activado',
  nextCheck: (time, duration) => `Próxima comprobación ${atTime(time)}, en ${duration}`,
  afterAttempts: (attempts) =>
    `con ${count(attempts, {one: 'intento', many: 'de intentos', other: 'intentos'})} de recuperación`,
  waits: {
    breaker: 'La recuperación se ha rendido y su disyuntor está abierto: /recover NAME reset lo cierra',
    maintenance: 'La recuperación espera: en mantenimiento',
    acked: 'La recuperación espera: alguien se está ocupando',
    flapping: 'La recuperación espera: la comprobación es inestable',
    parent_down: 'La recuperación espera: no funciona aquello de lo que depende',
    cut_off: 'La recuperación espera: este servidor está sin red',
    outside_window: 'La recuperación espera: fuera de su ventana',
    approval: 'La recuperación espera la aprobación de un administrador: /recover NAME',
  },
};

export const recover: Words['recover'] = {
  none: 'Ninguna comprobación tiene recuperación.',
  notOf: (check) => `${check} no tiene recuperación.`,
  begun: (check) => `La recuperación de ${check} está en marcha; su tarjeta dirá cómo terminó.`,
  refused: {
    not_down: (check) => `${check} funciona; no hay nada que recuperar.`,
    running: (check) => `La recuperación de ${check} ya está en marcha.`,
    breaker: (check) => `El disyuntor de ${check} está abierto: /recover ${check} reset lo cierra.`,
  },
  reset: (check) => `Los intentos de ${check} se cuentan desde el principio.`,
  nothingToReset: (check) => `No hay intentos contados de ${check}; no hay nada que reiniciar.`,
};
