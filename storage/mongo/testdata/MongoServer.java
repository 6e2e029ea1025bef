// A MongoDB server that others wrote, in memory, for the tests of this package.
// It prints its URI, and ends with its standard input.
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

class Main {
    public static void main(String[] args) throws Exception {
        // It reports wire version 8 at most; the Go driver wants 9, which has nothing
        // that the backend uses and version 8 lacks.
        MongoVersion reported = new MongoVersion() {
            public List<Integer> getVersionArray() {
                return List.of(5, 0, 0, 0);
            }

            public int getWireVersion() {
                return 9;
            }

            public String toVersionString() {
                return "5.0.0";
            }
        };
        MongoServer server = new MongoServer(new MemoryBackend().version(reported));
        server.bind("127.0.0.1", 0);
        System.out.println("mongodb://127.0.0.1:" + server.getLocalAddress().getPort());
        System.out.flush();
        while (System.in.read() >= 0) {
        }
        server.shutdownNow();
    }
}
