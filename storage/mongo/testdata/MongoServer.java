// A MongoDB server that others wrote, in memory, for the tests of this package.
// It prints its URI, and ends with its standard input.
import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
        MongoServer server = new MongoServer(new Backend().version(reported));
        server.bind("127.0.0.1", 0);
        System.out.println("mongodb://127.0.0.1:" + server.getLocalAddress().getPort());
        System.out.flush();
        while (System.in.read() >= 0) {
        }
        server.shutdownNow();
    }
}

// The server takes no notice of partialFilterExpression, and gives a query an index only
// if it has no other key. What follows adds both, for unique indexes.
class Backend extends MemoryBackend {
    public MemoryDatabase openOrCreateDatabase(String name) {
        return new Database(name, getCursorRegistry());
    }
}

class Database extends MemoryDatabase {
    private final Map<String, Document> filters = new ConcurrentHashMap<>();

    Database(String name, CursorRegistry cursors) {
        super(name, cursors);
    }

    public Document handleCommand(Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
        if (command.equalsIgnoreCase("createIndexes")) {
            for (Object one : (Collection<?>) query.get("indexes")) {
                if (((Document) one).get("partialFilterExpression") instanceof Document filter) {
                    filters.put((String) ((Document) one).get("name"), filter);
                }
            }
        }
        return super.handleCommand(channel, command, query, databases, oplog);
    }

    protected Index<Integer> openOrCreateUniqueIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
        Document filter = filters.get(name);
        return filter == null ? super.openOrCreateUniqueIndex(collection, name, keys, sparse) : new PartialIndex(name, keys, filter);
    }
}

// PartialIndex is a unique index by one path, of the documents that fit a filter of values
// and {$exists: true}.
class PartialIndex extends MemoryUniqueIndex {
    private final Document filter;
    private final String path;

    PartialIndex(String name, List<IndexKey> keys, Document filter) {
        super(name, keys, true);
        this.filter = filter;
        path = keys.get(0).getKey();
    }

    private boolean fits(Document document) {
        for (Map.Entry<String, Object> e : filter.entrySet()) {
            Object value = Utils.getSubdocumentValue(document, e.getKey());
            if (e.getValue() instanceof Document ? value instanceof Missing : !e.getValue().equals(value)) {
                return false;
            }
        }
        return true;
    }

    public synchronized Integer remove(Document document) {
        return fits(document) ? super.remove(document) : null;
    }

    public Integer getPosition(Document document) {
        return fits(document) ? super.getPosition(document) : null;
    }

    public synchronized void checkAdd(Document document, MongoCollection<Integer> collection) {
        if (fits(document)) {
            super.checkAdd(document, collection);
        }
    }

    public synchronized void add(Document document, Integer position, MongoCollection<Integer> collection) {
        if (fits(document)) {
            super.add(document, position, collection);
        }
    }

    public synchronized void checkUpdate(Document before, Document after, MongoCollection<Integer> collection) {
        if (!fits(before)) {
            checkAdd(after, collection);
        } else if (fits(after)) {
            super.checkUpdate(before, after, collection);
        }
    }

    public void updateInPlace(Document before, Document after, Integer position, MongoCollection<Integer> collection) {
        remove(before);
        add(after, position, collection);
    }

    public synchronized boolean canHandle(Document query) {
        for (Map.Entry<String, Object> e : filter.entrySet()) {
            boolean exists = e.getValue() instanceof Document;
            if (exists ? !query.containsKey(e.getKey()) : !e.getValue().equals(query.get(e.getKey()))) {
                return false;
            }
        }
        return query.containsKey(path) && super.canHandle(new Document(path, query.get(path)));
    }

    public synchronized Iterable<Integer> getPositions(Document query) {
        return super.getPositions(new Document(path, query.get(path)));
    }

    public Document toIndexDescription() {
        return super.toIndexDescription().append("partialFilterExpression", filter);
    }
}
