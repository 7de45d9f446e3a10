import type {Words} from '../en.ts';

export const oncall: Words['oncall'] = {
  until: (mention, time) => `${mention} — до ${time}`,
  calls: (mention) => `${mention}, вы дежурите, а сбой ещё никто не подтвердил`,
  none: 'Дежурных здесь нет: очерёдность задаёт раздел oncall: в config.yaml.',
  now: (rotation, name, time, next) => `${rotation}: ${name} до ${time}, затем ${next}`,
  inPlaceOf: (name, by) => `вместо: ${name}; кто назначил: ${by}`,
  cannotWrite: (name) => `Бот не может написать: ${name}. Нужно нажать «Старт» в личном чате с ботом.`,
  whichPerson: (who) => `Нет пользователя с именем ${who}.`,
  whichRotation: (name) => `Нет графика дежурств с именем ${name}.`,
  howLong: (name) => `На какое время дежурным станет ${name}?`,
  atMost: (duration) => `Самое большее — ${duration}.`,
  done: (rotation, mention, time) => `Дежурит (${rotation}): ${mention}, до ${time}`,
  cleared: (rotation, mention, time) => `Снова по графику (${rotation}): ${mention}, до ${time}`,
  nothingToClear: (rotation) => `Сейчас никто никого не подменяет (${rotation}).`,
};
