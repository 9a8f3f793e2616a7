import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import type { Certificate } from "../system/certificate.ts";

/** What Dovecot's configuration depends on. */
export interface DovecotConfigOptions {
  readonly folder: string;
  readonly pop3Port: number;
  readonly pop3sPort: number;
  readonly certificate: Certificate;
  /** Lines at the end, which win over those above. */
  readonly settings: string;
}

/** Who owns the mail: Dovecot refuses to serve root's. 65534 is nobody. */
export function mailOwner(): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = userInfo();
  return uid === 0 ? { uid: 65534, gid: 65534 } : { uid, gid };
}

/** A configuration for Dovecot 2.3 that touches nothing outside its folder, as root or as anybody else. */
export function dovecotConfig(options: DovecotConfigOptions): string {
  const { folder, pop3Port, pop3sPort, certificate, settings } = options;
  const owner = mailOwner();
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = pop3
listen = 127.0.0.1
${usersOfServices()}
mail_location = maildir:${folder}/mail/%u
mail_uid = ${owner.uid}
mail_gid = ${owner.gid}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <${certificate.certificateFile}
ssl_key = <${certificate.keyFile}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 10000
passdb {
  driver = passwd-file
  # A file for each user: Dovecot looks at a file again only in another second.
  args = scheme=PLAIN username_format=%u ${folder}/users/%u
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${folder}/mail/%u
}
service anvil {
  chroot =
  client_limit = 20000
  # Without it a failed login delays the next good one of the same address by seconds.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  client_limit = 20000
}
service pop3-login {
  chroot =
  service_count = 0
  client_limit = 2000
  process_min_avail = 1
  inet_listener pop3 {
    address = 127.0.0.1
    port = ${pop3Port}
  }
  inet_listener pop3s {
    address = 127.0.0.1
    port = ${pop3sPort}
    ssl = yes
  }
}
service pop3 {
  process_limit = 2000
}
service stats {
  chroot =
}
${settings}
`;
}

/** As root, Debian's users dovecot and dovenull; otherwise everything runs as the one user there is. */
function usersOfServices(): string {
  const { uid, username } = userInfo();
  if (uid === 0) return "";
  const group = execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
  return `default_internal_user = ${username}\ndefault_internal_group = ${group}\ndefault_login_user = ${username}`;
}
