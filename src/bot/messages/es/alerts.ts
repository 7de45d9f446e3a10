import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {atTime, theTime} from './moment.ts';

const {count, form, number} = numbersIn('es');

export const card: Words['card'] = {
  isDown: 'no funciona',
  recoveredAfter: (duration) => `vuelve a funcionar tras ${duration}`,
  removedAfter: (duration) => `ya no se vigila: salió de la configuración tras ${duration} sin funcionar`,
  failuresSince: (failures, time) =>
    `${count(failures, {one: 'fallo', many: 'de fallos', other: 'fallos'})}, no funciona desde ${theTime(time)}`,
  downFromTo: (from, to) => `Sin funcionar desde ${theTime(from)} hasta ${theTime(to)}`,
  targetsDown: (down, of) =>
    `No ${form(down, {one: 'funciona', many: 'funcionan', other: 'funcionan'})} ${number(down)} de ` +
    `${count(of, {one: 'destino', many: 'de destinos', other: 'destinos'})}:`,
  moreTargets: (left) => `… y ${number(left)} más`,
  was: (reason) => `Causa: ${reason}`,
  acknowledgedBy: (name, time) => `Reconocido por ${name} ${atTime(time)}`,
  acknowledgedUntil: (time) => `hasta ${theTime(time)}`,
  delayed: (duration) => `No se podía llegar a este canal; el aviso más antiguo lleva ${duration} de retraso.`,
  broken: (checks) =>
    checks === 0
      ? 'De esto ya no falla nada'
      : count(checks, {
          one: 'comprobación falla',
          many: 'de comprobaciones fallan',
          other: 'comprobaciones fallan',
        }),
  cutOff: (server) =>
    `${server} está sin red: no responde ninguna de sus comprobaciones de guardia; los demás fallos no cuentan`,
  sinceTime: (time) => `desde ${theTime(time)}`,
  missed: (list) => `Falló y se recuperó entretanto: ${list}`,
  moreIncidents: (left) => `… y ${number(left)} más`,
  acknowledge: 'Reconocer',
  recover: 'Recuperar…',
  acknowledgeAll: (free) => `Reconocer todas: ${number(free)}`,
  details: 'Detalles',
};

export const recovery: Words['recovery'] = {
  isBack: (duration) => `vuelve a funcionar tras ${duration}`,
  removed: 'ya no se vigila',
};

export const reminder: Words['reminder'] = {
  stillDown: (duration) => `sigue sin funcionar, desde hace ${duration}`,
};

export const flapping: Words['flapping'] = {
  started: 'es inestable: no habrá más mensajes hasta que se estabilice',
  ended: (duration, isDown) =>
    `vuelve a ser estable tras ${duration}; ahora ${isDown ? 'no funciona' : 'funciona bien'}`,
};

export const mark: Words['mark'] = {
  repeated: '(repetido)',
  late: (duration) => `(enviado con ${duration} de retraso)`,
};

export const system: Words['system'] = {
  title: 'Sistema',
  server: 'Servidor',
  address: 'Dirección',
  os: 'SO',
  uptime: 'Tiempo en marcha',
  load: 'Carga (1, 5, 15 min)',
};

export const notice: Words['notice'] = {
  store_damaged: (detail) => `Un archivo de la base de datos estaba dañado y se ha apartado: ${detail}`,
  store_in_memory: (detail) =>
    `No se puede escribir en la carpeta de datos (${detail}). Las comprobaciones y los avisos siguen desde la memoria; un reinicio olvidaría lo que pase ahora.`,
  store_back_on_disk: () => 'Ya se puede escribir en la carpeta de datos; todo está en el disco.',
  history_failed: (detail) => `No se puede escribir el historial: ${detail}`,
  channel_dead: (detail) => `Un canal rechaza los mensajes: ${detail}`,
  not_listening: (detail) =>
    `El servidor HTTP no puede escuchar en ${detail}. Se reintenta cada 10 s; hasta entonces no entra ninguna señal de vida.`,
  config_reloaded: (detail) => `Se ha vuelto a leer la configuración: ${detail}`,
  config_refused: (detail) => `La nueva configuración tiene errores; sigue en vigor la anterior.\n${detail}`,
  rolled_out: (detail) => {
    const [version, orders] = detail.split('\n');
    return `Aquí se ejecuta ahora Vakhta ${version}${orders ? `; las órdenes las atiende ${orders}` : ''}`;
  },
};
