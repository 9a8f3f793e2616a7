export interface Zone {
  /** Minutes east of UTC. */
  readonly minutes: number;
  /** False if several zones have the name, or it is not known: then `minutes` are the likeliest. */
  readonly certain: boolean;
}

export const UTC: Zone = { minutes: 0, certain: true };
/** The zone to take where it is not known which one is meant: UTC, and not certain. */
export const UNCLEAR: Zone = { minutes: 0, certain: false };

/** Minutes east of UTC by name: those of RFC 5322 section 4.3, and others that programs and people write. */
const KNOWN: Readonly<Record<string, number>> = {
  ...{ z: 0, ut: 0, utc: 0, gmt: 0, zulu: 0, wet: 0, west: 60 },
  ...{ edt: -240, est: -300, cdt: -300, cst: -360, mdt: -360, mst: -420, pdt: -420, pst: -480 },
  ...{ akdt: -480, akst: -540, hst: -600, adt: -180, nst: -210, ndt: -150, brt: -180, brst: -120, art: -180 },
  ...{ cet: 60, cest: 120, met: 60, mest: 120, mez: 60, mesz: 120, eet: 120, eest: 180, sast: 120 },
  ...{ jst: 540, kst: 540, hkt: 480, sgt: 480, pkt: 300, npt: 345, ict: 420, wib: 420 },
  ...{ aest: 600, aedt: 660, acst: 570, acdt: 630, awst: 480, nzst: 720, nzdt: 780 },
};

/** Minutes east of UTC of the likeliest zone, for names of several zones, or of zones that have changed. */
const AMBIGUOUS: Readonly<Record<string, number>> = {
  bst: 60,
  ist: 330,
  ast: -240,
  msk: 180,
  msd: 240,
  trt: 180,
  pht: 480,
};

/** The largest difference from UTC that any clock has. */
const MAX_MINUTES = 14 * 60;

/** The zone of this name in lower case, null if it is not known. RFC 822 has the signs of military zones wrong. */
export function zoneOfName(name: string): Zone | null {
  const known = KNOWN[name];
  if (known !== undefined) return { minutes: known, certain: true };
  const likeliest = AMBIGUOUS[name];
  return likeliest === undefined ? null : { minutes: likeliest, certain: false };
}

/** The zone of an offset such as `+0100`, `+01:00` or `+1`; null if no clock on Earth has it. */
export function zoneOfOffset(sign: string, digits: string): Zone | null {
  const [, hours = "0", minutes = "0"] =
    /^(\d{1,2}):?(\d{2})?$/.exec(digits) ?? /^(\d)(\d{2})$/.exec(digits) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > MAX_MINUTES) return null;
  return { minutes: sign === "-" ? -total : total, certain: true };
}
