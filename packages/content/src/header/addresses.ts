import { decodeFieldOctets } from "@mailonce/core/message";
import { ADDRESS_ROLES, type ContentAddress } from "../content.ts";
import type { Faults } from "../faults.ts";
import type { ContentLimits } from "../limits.ts";
import type { HeaderBlock } from "../mime/header-block.ts";
import { readAddressList } from "./address-list.ts";

/** The addresses in the header of a message, by their roles and then in their order. */
export function addressesOf(
  { fields, label }: Pick<HeaderBlock, "fields" | "label">,
  limits: ContentLimits,
  faults: Faults,
): readonly ContentAddress[] {
  const found: ContentAddress[] = [];
  for (const role of ADDRESS_ROLES) {
    for (const field of fields) {
      if (field.name.toLowerCase() !== role) continue;
      for (const { name, address, group } of readAddressList(decodeFieldOctets(field.value, label), label)) {
        if (found.length >= limits.addresses) {
          faults.note(`there are more than ${limits.addresses} addresses; the others are left out`);
          return found;
        }
        found.push({ role, name, address, addressKey: address?.toLowerCase() ?? null, group });
      }
    }
  }
  return found;
}
