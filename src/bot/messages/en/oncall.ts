/** A `mention` is HTML, so these words must be fit for that; a `name` is plain text. */
export const oncall = {
  until: (mention: string, time: string) => `${mention} until ${time}`,
  calls: (mention: string) => `${mention}, you are on call, and nobody has acknowledged this`,
  none: 'Nobody is on call here: oncall: in config.yaml says who takes turns.',
  now: (rotation: string, name: string, time: string, next: string) =>
    `${rotation}: ${name} until ${time}, then ${next}`,
  inPlaceOf: (name: string, by: string) => `in place of ${name}, as ${by} said`,
  cannotWrite: (name: string) => `The bot cannot write to ${name}, who has to press Start in a private chat with it.`,
  whichPerson: (who: string) => `No user is called ${who}.`,
  whichRotation: (name: string) => `No rotation is called ${name}.`,
  howLong: (name: string) => `For how long is ${name} to be on call?`,
  atMost: (duration: string) => `At most ${duration}.`,
  done: (rotation: string, mention: string, time: string) => `On call in ${rotation}: ${mention}, until ${time}`,
  cleared: (rotation: string, mention: string, time: string) =>
    `The turns of ${rotation} hold again: ${mention}, until ${time}`,
  nothingToClear: (rotation: string) => `Nobody stands in for anybody in ${rotation}.`,
};
