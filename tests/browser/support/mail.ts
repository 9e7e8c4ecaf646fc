import { once } from "node:events";
import { type AddressInfo } from "node:net";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

/** A mail that has arrived. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** A mail server on this machine that takes everything. */
export class Mails {
  private readonly arrived: Mail[] = [];

  private constructor(private readonly server: SMTPServer) {}

  static async start(): Promise<Mails> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      onData(stream, session, done) {
        simpleParser(stream).then(({ subject, text }) => {
          const to = session.envelope.rcptTo.map(({ address }) => address).join(", ");
          mails.arrived.push({ to, subject: subject ?? "", text: text ?? "" });
          done();
        }, done);
      },
    });
    const mails = new Mails(server);
    server.listen(0, "127.0.0.1");
    await once(server.server, "listening");
    return mails;
  }

  /** What tells Moderato to send its mails here. */
  get settings(): Record<string, string> {
    const { port } = this.server.server.address() as AddressInfo;
    return {
      MODERATO_SMTP_HOST: "127.0.0.1",
      MODERATO_SMTP_PORT: `${port}`,
      MODERATO_SMTP_TLS: "none",
      MODERATO_MAIL_FROM: "Moderato <moderato@example.org>",
    };
  }

  /** The first mail to an address with this in its subject, if it has arrived. */
  find(to: string, subject: string): Mail | undefined {
    return this.arrived.find((mail) => mail.to === to && mail.subject.includes(subject));
  }

  stop(): Promise<void> {
    return new Promise((done) => this.server.close(() => done()));
  }
}

/** The paths of a mail's links below `path`. */
export function links(mail: Mail | undefined, path: string): string[] {
  const found = [...(mail?.text ?? "").matchAll(/https?:\/\/\S+/g)].map(([link]) => new URL(link).pathname);
  return found.filter((link) => link.startsWith(path));
}
