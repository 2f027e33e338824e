//! A web server of one folder, that can be made to misbehave.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

/// How files are sent.
#[derive(Clone, Default)]
pub struct Manners {
    /// Whether a request may ask for the rest of a file.
    pub ranges: bool,
    /// Bytes after which a connection is cut, of which file, and how often.
    pub cuts: Option<(&'static str, usize, usize)>,
    /// A file of which nothing is sent beyond this byte.
    pub stop: Option<(&'static str, usize)>,
    /// A path, and where it is said to have moved.
    pub moved: Option<(&'static str, &'static str)>,
}

/// A request: the path, and the byte from which on it was asked for.
pub type Request = (String, usize);

pub struct Server {
    address: String,
    manners: Arc<Mutex<Manners>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves a folder on a port of its own until the process ends.
    pub fn new(folder: &Path, manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (manners, requests) = (Arc::new(Mutex::new(manners)), Arc::new(Mutex::new(Vec::new())));
        let server = Self { address, manners: Arc::clone(&manners), requests: Arc::clone(&requests) };
        let folder = folder.to_owned();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (folder, manners, requests) = (folder.clone(), Arc::clone(&manners), Arc::clone(&requests));
                // A client that hangs up in the middle is part of the tests.
                thread::spawn(move || drop(answer(connection, &folder, &manners, &requests)));
            }
        });
        server
    }

    pub fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.address)
    }

    pub fn behave(&self, manners: Manners) {
        *self.manners.lock().unwrap() = manners;
    }

    /// What was asked for since the last look.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

fn answer(
    mut connection: TcpStream,
    folder: &Path,
    manners: &Mutex<Manners>,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let mut start = 0;
    for line in lines {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().unwrap();
        }
    }
    requests.lock().unwrap().push((path.clone(), start));
    let (ranges, cut, moved) = {
        let mut manners = manners.lock().unwrap();
        let stop = manners.stop.filter(|(file, _)| *file == path).map(|(_, stop)| stop.saturating_sub(start));
        let cut = match &mut manners.cuts {
            Some((file, after, times)) if *file == path && *times > 0 => {
                *times -= 1;
                Some(*after)
            }
            _ => stop,
        };
        (manners.ranges, cut, manners.moved.filter(|(from, _)| *from == path))
    };
    if let Some((_, to)) = moved {
        return write!(connection, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    }
    let place: PathBuf = folder.join(&path);
    let Ok(bytes) = fs::read(place) else {
        return write!(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let (state, start) = if ranges && start > 0 { ("206 Partial Content", start) } else { ("200 OK", 0) };
    let rest = &bytes[start.min(bytes.len())..];
    write!(connection, "HTTP/1.1 {state}\r\nContent-Length: {}\r\nConnection: close\r\n", rest.len())?;
    if start > 0 {
        write!(connection, "Content-Range: bytes {start}-{}/{}\r\n", bytes.len() - 1, bytes.len())?;
    }
    connection.write_all(b"\r\n")?;
    connection.write_all(&rest[..cut.unwrap_or(rest.len()).min(rest.len())])
}
