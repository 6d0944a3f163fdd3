//! A way to PostgreSQL that can be cut and mended.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use applaus::store::db::DatabaseUrl;

/// The way; it is open until it is cut.
pub struct Proxy {
    cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

/// Where the server listens, as its URL says it: with a host, or with a folder that holds its socket.
#[derive(Clone)]
enum Server {
    Host(String),
    Folder(String),
}

impl Server {
    /// The server behind a URL, and the text in the URL that names it.
    fn of(url: &str) -> (Self, String) {
        match url.split_once("host=").map(|(_, rest)| rest.split('&').next().unwrap()) {
            Some(folder) => (Self::Folder(folder.to_owned()), format!("host={folder}")),
            None => {
                let host = url.split("//").nth(1).unwrap().split('/').next().unwrap().rsplit('@').next().unwrap();
                (Self::Host(host.to_owned()), host.to_owned())
            }
        }
    }
}

fn copy(mut from: impl Read, mut to: impl Write) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
        && to.write_all(&buffer[..read]).is_ok()
    {}
}

fn forward(client: &TcpStream, server: &Server) {
    let ours = client.try_clone().unwrap();
    match server {
        Server::Host(host) => {
            let Ok(server) = TcpStream::connect(host) else { return };
            let theirs = server.try_clone().unwrap();
            let back = thread::spawn(move || copy(theirs, ours));
            copy(client, &server);
            let _ = server.shutdown(Shutdown::Both);
            back.join().unwrap();
        }
        Server::Folder(folder) => {
            let Ok(server) = UnixStream::connect(format!("{folder}/.s.PGSQL.5432")) else { return };
            let theirs = server.try_clone().unwrap();
            let back = thread::spawn(move || copy(theirs, ours));
            copy(client, &server);
            let _ = server.shutdown(Shutdown::Both);
            back.join().unwrap();
        }
    }
}

impl Proxy {
    /// A way to the server of `url`, and the URL that leads there by it. None if it is not PostgreSQL.
    pub fn before(url: &DatabaseUrl) -> Option<(Self, DatabaseUrl)> {
        let DatabaseUrl::Postgres(url) = url else { return None };
        let (server, named) = Server::of(url);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let through = match server {
            Server::Host(_) => url.replacen(&named, &format!("127.0.0.1:{port}"), 1),
            Server::Folder(_) => url.replacen(&named, &format!("host=127.0.0.1&port={port}"), 1),
        };
        let proxy = Self { cut: Arc::default(), open: Arc::default() };
        let (cut, open) = (proxy.cut.clone(), proxy.open.clone());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if cut.load(Ordering::Relaxed) {
                    continue;
                }
                open.lock().unwrap().push(client.try_clone().unwrap());
                let server = server.clone();
                thread::spawn(move || {
                    forward(&client, &server);
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Some((proxy, DatabaseUrl::Postgres(through)))
    }

    /// Ends all connections, and lets nobody through any more.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        for connection in self.open.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Lets everybody through again.
    pub fn mend(&self) {
        self.cut.store(false, Ordering::Relaxed);
    }
}
