/* SPDX-License-Identifier: Apache-2.0
 *
 * An app as small as one can be, for the tests: a courier whose link is standard input
 * and output (radio.py has the messages). Uses what every app may use, and no more. */
import ferry.courier.Courier;
import ferry.courier.CourierException;
import ferry.courier.Link;
import ferry.courier.Progress;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * usage: Carry [--question HEX] [--leak] [--each N] ARTIFACT...
 *
 * <p>--each: a session for each artifact, one after the other, and a word about memory
 * after every N. --leak: none of them is closed.
 */
public final class Carry implements Link {
    private final DataOutputStream out = new DataOutputStream(System.out);
    private final List<byte[]> artifacts = new ArrayList<>();
    private byte[] question;
    private boolean leak;
    private int each;

    private Courier courier;
    private boolean up;
    private int carried;

    public static void main(String[] args) throws IOException {
        Carry app = new Carry();
        app.parse(args);
        app.next();
        app.listen();
    }

    private void parse(String[] args) throws IOException {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--question":
                    question = bytes(args[++i]);
                    break;
                case "--leak":
                    leak = true;
                    break;
                case "--each":
                    each = Integer.parseInt(args[++i]);
                    break;
                default:
                    artifacts.add(Files.readAllBytes(Path.of(args[i])));
            }
        }
    }

    private static byte[] bytes(String hex) {
        byte[] all = new byte[hex.length() / 2];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return all;
    }

    /* ---- sessions ------------------------------------------------------------------ */

    private synchronized void next() {
        List<byte[]> those = each > 0 ? List.of(artifacts.get(carried)) : artifacts;
        courier = new Courier(those, question, this, this::progress);
        courier.outcome().whenComplete(this::ended);
        if (up) {
            courier.linkUp();
        }
    }

    private void ended(Progress at, Throwable why) {
        if (each == 0) {
            tell(at != null ? "done " + numbers(at) : reason(why));
        } else if (at == null) {
            tell(reason(why));
        } else {
            another();
        }
    }

    private synchronized void another() {
        if (!leak) {
            courier.close();
        }
        hangUp();
        carried++;
        if (carried % each == 0) {
            System.gc();
            tell("memory after=" + carried + " rss_kb=" + residentKb()
                    + " native=" + Courier.nativeBytes());
        }
        if (carried < artifacts.size()) {
            next();
        } else {
            tell("done sessions=" + carried);
        }
    }

    private static String reason(Throwable why) {
        Throwable cause = why instanceof CompletionException ? why.getCause() : why;
        return cause instanceof CourierException
                ? "refused " + cause.getMessage() : "broken " + cause;
    }

    /* ---- what it says --------------------------------------------------------------- */

    private void progress(Progress at) {
        if (each == 0) {
            tell("progress " + numbers(at));
        } else if (at.state() == Progress.State.LATER) {
            hangUp(); /* the device restarts to confirm what it runs */
        }
    }

    private String numbers(Progress at) {
        byte[] said = at.hasStatement() ? courier.statement() : null;
        return "state=" + at.state() + " wait=" + at.waitName() + " acked=" + at.acked()
                + " verified=" + at.verified() + " of=" + at.imageLen() + " sent="
                + at.imageBytesSent() + " repeated=" + at.bytesRepeated() + " hellos="
                + at.hellos() + " version=" + at.version() + " artifact=" + at.artifact()
                + " already=" + at.alreadyRunning() + " peer=" + at.peerVersion() + " hw="
                + at.peerHardware() + " class=" + at.peerClass() + " percent="
                + at.percent() + " statement=" + (said == null ? "none" : hex(said));
    }

    private static String hex(byte[] bytes) {
        StringBuilder all = new StringBuilder();
        for (byte each : bytes) {
            all.append(String.format("%02x", each));
        }
        return all.toString();
    }

    private static long residentKb() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D+", ""));
                }
            }
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
        throw new IllegalStateException("no VmRSS");
    }

    private void tell(String text) {
        send('S', text.getBytes(StandardCharsets.UTF_8));
    }

    private void hangUp() {
        send('D', new byte[0]);
    }

    private void send(char kind, byte[] body) {
        synchronized (out) {
            try {
                out.writeByte(kind);
                out.writeShort(body.length);
                out.write(body);
                out.flush();
            } catch (IOException why) {
                throw new UncheckedIOException(why);
            }
        }
    }

    /* ---- the link ------------------------------------------------------------------- */

    @Override
    public int room() {
        return 244;
    }

    @Override
    public boolean write(byte[] value) {
        send('V', value);
        return true;
    }

    private void listen() throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        try {
            while (true) {
                char kind = (char) in.readByte();
                byte[] body = new byte[in.readUnsignedShort()];
                in.readFully(body);
                hear(kind, body);
            }
        } catch (EOFException end) {
            synchronized (this) {
                courier.close();
            }
        }
    }

    /* The last session may be over and closed while the device's reboot is still told. */
    private synchronized void hear(char kind, byte[] body) {
        up = kind == 'U' || (kind != 'D' && up);
        if (each > 0 && carried == artifacts.size()) {
            return;
        }
        if (kind == 'U') {
            courier.linkUp();
        } else if (kind == 'D') {
            courier.linkDown();
        } else {
            courier.received(body);
        }
    }
}
