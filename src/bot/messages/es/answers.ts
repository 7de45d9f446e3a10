import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {placeholdersIn} from '../placeholders.ts';

const {count, form, number} = numbersIn('es');
const CHECKS = {one: 'comprobación', many: 'de comprobaciones', other: 'comprobaciones'};
const TARGETS = {one: 'destino', many: 'de destinos', other: 'destinos'};
const FAIL = {one: 'falla', many: 'fallan', other: 'fallan'};

export const status: Words['status'] = {
  allWell: (checks) => `Todo bien: ${count(checks, CHECKS)}`,
  problems: (bad, of) =>
    `${form(bad, {one: 'Falla', many: 'Fallan', other: 'Fallan'})} ${number(bad)} de ${count(of, CHECKS)}`,
  unknown: 'aún sin ejecutar',
  soft: (errors, failAfter) => `fallo ${number(errors)} de ${number(failAfter)}`,
  inconclusive: 'no concluyente',
  downTargets: (down, of) => `${form(down, FAIL)} ${number(down)} de ${count(of, TARGETS)}`,
  okTargets: (ok, of) => `${number(ok)} de ${count(of, TARGETS)}`,
  more: (left) => `… y ${number(left)} más`,
  undelivered: (messages, duration) => {
    const wait = {one: 'mensaje espera', many: 'de mensajes esperan', other: 'mensajes esperan'};
    return `${count(messages, wait)} su envío, el más antiguo desde hace ${duration}`;
  },
  deadChannel: (channel, reason) => `El canal ${channel} rechaza los mensajes: ${reason}`,
  noCheck: (name) => `Ninguna comprobación se llama ${name}.`,
  flapping: 'inestable',
  group: (name, fine, of) => `${name}: bien ${number(fine)} de ${number(of)}`,
  noGroup: 'sin grupo',
  held: {
    outside_window: 'fuera de su ventana',
    silenced: 'silenciado',
    maintenance: 'en mantenimiento',
    parent_down: 'falla aquello de lo que depende',
    flapping: 'inestable',
  },
};

const NAMES = {
  COMMAND: 'COMANDO',
  GROUP: 'GRUPO',
  N: 'N.º',
  NAME: 'NOMBRE',
  ID: 'NÚMERO',
  ROLE: 'ROL',
  ROTATION: 'TURNO',
  WHO: 'QUIÉN',
  G: 'GRUPO',
  glob: 'patrón',
  why: 'motivo',
  check: 'comprobación',
  group: 'grupo',
};

export const board: Words['board'] = {
  changed: (time) => `Último cambio: ${time}`,
  ended: 'Este resumen ya no se actualiza.',
};

export const order: Words['order'] = {
  unknown: (name) => `No existe el comando /${name}. /help los muestra todos.`,
  notForYou: (role) => `Para esto hace falta el rol ${role}.`,
  arguments: (usage) => placeholdersIn(usage, NAMES),
  usage: (usage) => `Uso: ${placeholdersIn(usage, NAMES)}`,
  example: (example) => `Por ejemplo: ${example}`,
  noTime: (text) => `${text} no es un plazo; escriba 30m, 2h, 1h30m o 1d.`,
  which: (names) => `¿Cuál? ${names}`,
  moreLetters: (left) => `… y ${number(left)} más: escriba más letras`,
  internal: 'No se ha podido hacer; el motivo está en el registro.',
};

export const ack: Words['ack'] = {
  done: (check, until) => `Reconocido: ${check}${until && `, ${until}`}`,
  notDown: (check) => `${check} funciona; no hay nada que reconocer.`,
  already: (check, name, until) =>
    `${check}: ya lo había reconocido ${name}; ahora consta a su nombre${until && `, ${until}`}.`,
  nothing: 'No falla nada.',
  noneLeft: 'De estas no queda ninguna por reconocer.',
  notAcknowledged: (check) => `${check} no está reconocido.`,
  takenBack: (check) => `Ya no está reconocido: ${check}`,
};

export const silence: Words['silence'] = {
  kind: {silence: 'silencio', maintenance: 'mantenimiento'},
  done: (kind, what, checks, end) =>
    `${kind === 'silence' ? 'Silenciado' : 'En mantenimiento'}: ${what} (${count(checks, CHECKS)}), ${end}`,
  untilRecovered: 'hasta que se recupere',
  matchesNothing: (what) => `${what} no coincide con ninguna comprobación.`,
  nothingDown: (what) => `Nada de ${what} falla; indique un plazo, por ejemplo 2h.`,
  none: 'No hay nada silenciado.',
  noSuch: (what) => `No hay ningún silencio ${what}; /silences los muestra.`,
  ended: (what) => `Ya no está silenciado: ${what}`,
  end: (what) => `Terminar ${what}`,
  howLong: (what) => `¿Cuánto tiempo se silencia ${what}?`,
};

export const reload: Words['reload'] = {
  begun: 'Volviendo a leer la configuración.',
};

export const language: Words['language'] = {
  now: 'Las respuestas para usted son en español.',
  chosen: 'A partir de ahora se le responde en español.',
  auto: 'A partir de ahora el idioma depende del chat: español.',
};

export const button: Words['button'] = {
  expired: 'Este botón ya no es válido.',
  used: 'Este botón ya se ha pulsado.',
  notYours: 'Este botón es para otra persona.',
};

export const confirm: Words['confirm'] = {
  really: (order) => `¿Seguro que desea ${order} ?`,
  yes: 'Sí',
  no: 'No',
  typeYes: (duration) => `Escriba yes; tiene ${duration}.`,
  dropped: 'No se ha hecho nada.',
};

export const whoami: Words['whoami'] = {
  you: (name, id, role) => `${name}, id ${id}, rol ${role}`,
  console: 'Está en la consola: rol admin',
  chat: (id) => `Este chat: ${id}`,
  thread: (id) => `Este tema: ${id}`,
};

export const version: Words['version'] = {
  orders: (server) => `Las órdenes las atiende ${server}`,
};
