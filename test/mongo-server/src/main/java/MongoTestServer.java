import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A MongoDB wire-protocol server in memory: {@code java -jar mongo-server.jar PORT}, 0 for any free one. Listens on
 * 127.0.0.1, prints {@code listening on 127.0.0.1:PORT}, and ends when its standard input does.
 *
 * mongo-java-server differs from MongoDB in three things that the views depend on, mended here: it announces a wire version
 * that the driver finds too old; it compares texts by their UTF-16 units, where MongoDB compares the bytes of UTF-8; and
 * a query for an {@code _id} and more reads the whole collection.
 */
public final class MongoTestServer {
  private static final String PACKAGE = "de/bwaldvogel/mongo/backend/";

  private static final class Version implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  }

  public static void main(String[] args) throws Exception {
    var texts = "(Ljava/lang/String;Ljava/lang/String;)I";
    mend("ValueComparator", "java/lang/String", "compareTo", "compareTexts", texts);
    var sets = "(Ljava/util/Set;Ljava/lang/Object;)Z";
    mend("AbstractUniqueIndex", "java/util/Set", "equals", "hasFields", sets);
    var server = new MongoServer(new MemoryBackend().version(new Version()));
    server.bind("127.0.0.1", Integer.parseInt(args[0]));
    System.out.println("listening on 127.0.0.1:" + server.getLocalAddress().getPort());
    while (System.in.read() != -1) {}
    server.shutdownNow();
    System.exit(0);
  }

  public static int compareTexts(String a, String b) {
    return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  public static boolean hasFields(Set<?> queried, Object indexed) {
    return queried.containsAll((Set<?>) indexed);
  }

  /** Loads a class of the server with its calls of {@code owner.called} replaced by a static method of this one. */
  private static void mend(String name, String owner, String called, String replacement, String type) throws Exception {
    byte[] original;
    try (var in = MongoTestServer.class.getClassLoader().getResourceAsStream(PACKAGE + name + ".class")) {
      original = in.readAllBytes();
    }
    var reader = new ClassReader(original);
    var writer = new ClassWriter(reader, 0);
    reader.accept(new ClassVisitor(Opcodes.ASM9, writer) {
      @Override
      public MethodVisitor visitMethod(int access, String method, String of, String signature, String[] exceptions) {
        return new MethodVisitor(Opcodes.ASM9, super.visitMethod(access, method, of, signature, exceptions)) {
          @Override
          public void visitMethodInsn(int opcode, String in, String what, String with, boolean isInterface) {
            if (in.equals(owner) && what.equals(called)) {
              super.visitMethodInsn(Opcodes.INVOKESTATIC, "MongoTestServer", replacement, type, false);
            } else {
              super.visitMethodInsn(opcode, in, what, with, isInterface);
            }
          }
        };
      }
    }, 0);
    MethodHandles.privateLookupIn(Missing.class, MethodHandles.lookup()).defineClass(writer.toByteArray());
  }
}
