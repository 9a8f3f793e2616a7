import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfigurationFile } from "@mailonce/runtime/config";
import { expect, test } from "vitest";

const deploy = join(import.meta.dirname, "../../../deploy");
const read = (name: string): string => readFileSync(join(deploy, name), "utf8");

test("the example opens the status port to this machine only", async () => {
  const { worker } = await readConfigurationFile(join(deploy, "mailonce.example.yaml"));
  expect(worker.listen).toEqual({ host: "127.0.0.1", port: 9090 });
});

test("the compose file opens it to its containers, in so many words, and to nobody else", () => {
  const compose = read("compose.yaml");
  expect(compose).toMatch(/^ {6}MAILONCE_LISTEN: 0\.0\.0\.0:9090$/m);
  expect(compose).not.toMatch(/^ +ports:/m);
});

test("every image has an exact version", () => {
  const images = [
    ...[...read("compose.yaml").matchAll(/^ +image: (\S+)$/gm)].map(([, image]) => image),
    ...[...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image]) => image),
  ].filter((image) => image !== "mailonce");
  expect(images).toHaveLength(4);
  for (const image of images) expect(image).toMatch(/^[a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?$/);
});

test("Redis wants a password, workers and the health check have it, and no file holds it", () => {
  const compose = read("compose.yaml");
  expect(compose).toMatch(/- --requirepass\n +- \$\{REDIS_PASSWORD:\?/);
  expect(compose).toMatch(/MAILONCE_QUEUE_PASSWORD: \$\{REDIS_PASSWORD:\?/);
  expect(compose).toMatch(/REDISCLI_AUTH: \$\{REDIS_PASSWORD:\?/);
  expect(compose).toContain("redis-cli ping | grep -q PONG");
});

test("the units have systemd ask for signs of life, and take them from systemd-notify", () => {
  for (const unit of ["mailonce-worker.service", "mailonce-worker@.service"]) {
    const text = read(unit);
    for (const line of ["Type=notify", "NotifyAccess=all", "WatchdogSec=2min", "Restart=on-failure"])
      expect(text.split("\n")).toContain(line);
  }
});
