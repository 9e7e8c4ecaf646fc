import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Mails } from "./mail.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../..");
const PROGRAM = resolve(process.env.MODERATO_BIN ?? join(REPOSITORY, "target/debug/moderato"));

/** The two thresholds of the demo site, both spam probabilities. */
export interface Thresholds {
  approveBelow: number;
  rejectFrom: number;
}

/** A Moderato of the tests' own: fresh data, a Postgres of its own, a port that was free. */
export class Moderato {
  private constructor(
    private readonly process: ChildProcess,
    private readonly dataDir: string,
    /** Where its mails arrive. */
    readonly mails: Mails,
    /** The demo article. */
    readonly article: string,
    /** The moderators' desk. */
    readonly desk: string,
    /** The first administrator's one-time link. */
    readonly setup: string,
  ) {}

  /** Starts one, with the demo site's thresholds set before it serves its first page. */
  static async start({ approveBelow, rejectFrom }: Thresholds): Promise<Moderato> {
    const dataDir = await mkdtemp(join(tmpdir(), "moderato-browser-"));
    const mails = await Mails.start();
    const options = {
      cwd: REPOSITORY,
      env: { ...cleanEnvironment(), ...mails.settings, MODERATO_DATA_DIR: dataDir },
    };
    const thresholds = ["--approve-below", `${approveBelow}`, "--reject-from", `${rejectFrom}`];
    await promisify(execFile)(
      PROGRAM,
      ["site", "add", "demo", "--origin", "http://localhost", ...thresholds],
      options,
    );
    const process = spawn(PROGRAM, ["serve", "--demo", "--listen", "127.0.0.1:0"], {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let log = "";
    process.stderr.on("data", (piece) => (log += piece));
    const said = new Map<string, string>();
    for await (const line of createInterface({ input: process.stdout })) {
      const [, what, address] = /^(.+?):\s+(http\S+)$/.exec(line) ?? [];
      if (what) said.set(what, address);
      if (said.size === 3) {
        const [article, desk, setup] = said.values();
        return new Moderato(process, dataDir, mails, article, desk, setup);
      }
    }
    throw new Error(`Moderato ended before it was ready:\n${log}`);
  }

  /** The address of a path. */
  at(path: string): string {
    return new URL(path, this.article).href;
  }

  /** Ends it the way a service manager does, and waits until it has. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exit = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await exit;
    }
    await this.mails.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Without the settings and the database of whoever runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = (name: string) => name === "DATABASE_URL" || name.startsWith("PG");
  const kept = (name: string) => name === "MODERATO_PG_BIN" || !(foreign(name) || name.startsWith("MODERATO_"));
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept(name)));
}
